"""The accounting rules as the Settings API has them (R 5)."""

from dataclasses import fields

import pytest

from earned.domain.accounting_rules import (
    ACCOUNTING_RULES,
    accounting_rules,
    read_accounting_rules,
)
from earned.domain.errors import EarnedError, Kind
from earned.domain.settings import SETTINGS
from earned.domain.tenancy import Settings


def faults(sent: dict[str, object]) -> list[tuple[Kind, str]]:
    with pytest.raises(EarnedError) as refused:
        read_accounting_rules(sent)
    return [(problem.kind, problem.message) for problem in refused.value.problems]


def test_every_rule_is_a_setting() -> None:
    names = {field.name for field in fields(Settings)}

    assert {SETTINGS[name].field for name in ACCOUNTING_RULES} <= names


def test_the_rules_are_what_the_settings_say() -> None:
    assert accounting_rules(Settings(allow_usage_in_closed_period=False)) == {
        "allowBlankAccountingCodes": True,
        "allowCreationInClosedPeriod": True,
        "allowUsageInClosedPeriod": False,
        "allowRevenueScheduleNegativeAmounts": False,
    }


def test_rules_that_are_not_named_stay() -> None:
    assert read_accounting_rules({}) == {}
    assert read_accounting_rules({"allowUsageInClosedPeriod": False}) == {
        "allowUsageInClosedPeriod": False
    }


def test_a_switch_may_be_a_text() -> None:
    sent = {"allowUsageInClosedPeriod": "False", "allowBlankAccountingCodes": "true"}

    assert read_accounting_rules(sent) == {
        "allowBlankAccountingCodes": True,
        "allowUsageInClosedPeriod": False,
    }


def test_the_rules_of_another_tenant_may_be_sent_as_far_as_they_hold_here() -> None:
    held = {
        "differentCurrencies": False,
        "createJournalEntriesForPendingPayments": "false",
        "useOriginalExchangeRateForCredits": False,
        "cashBasedAccountingStartDate": None,
    }
    assert read_accounting_rules({**held, "allowBlankAccountingCodes": True}) == {
        "allowBlankAccountingCodes": True
    }

    others = {"differentCurrencies": True, "cashBasedAccountingStartDate": "2024-11-11"}
    assert faults({**held, **others}) == [
        (Kind.RULE, "'differentCurrencies' can only be false here"),
        (Kind.RULE, "'cashBasedAccountingStartDate' can only be null here"),
    ]


def test_every_fault_is_named() -> None:
    rules = ", ".join(ACCOUNTING_RULES)

    assert faults({"allowBlankAccountingCodes": None, "allowUsageInClosedPeriod": 1, "x": 2}) == [
        (Kind.MISSING, "'allowBlankAccountingCodes' may not be null"),
        (Kind.INVALID, "'allowUsageInClosedPeriod' value should be true or false"),
        (Kind.UNKNOWN_FIELD, f"There is no accounting rule 'x'. Accounting rules are {rules}."),
    ]
