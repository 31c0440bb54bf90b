"""Accounting and billing rules as the Settings API has them (R 5, U 2.20)."""

from dataclasses import fields

import pytest

from earned.domain.accounting_rules import ACCOUNTING_RULES, BILLING_RULES, RULE_SETS
from earned.domain.errors import EarnedError, Kind
from earned.domain.tenancy import Settings


def faults(sent: dict[str, object]) -> list[tuple[Kind, str]]:
    with pytest.raises(EarnedError) as refused:
        ACCOUNTING_RULES.wanted(sent)
    return [(problem.kind, problem.message) for problem in refused.value.problems]


def test_every_rule_is_a_setting() -> None:
    names = {field.name for field in fields(Settings)}

    assert {rules.field(name) for rules in RULE_SETS for name in rules.names} <= names


def test_the_rules_are_what_the_settings_say() -> None:
    assert ACCOUNTING_RULES.read(Settings(allow_usage_in_closed_period=False)) == {
        "allowBlankAccountingCodes": True,
        "allowCreationInClosedPeriod": True,
        "allowUsageInClosedPeriod": False,
        "allowRevenueScheduleNegativeAmounts": False,
    }


def test_rules_that_are_not_named_stay() -> None:
    assert ACCOUNTING_RULES.wanted({}) == {}
    assert ACCOUNTING_RULES.wanted({"allowUsageInClosedPeriod": False}) == {
        "allowUsageInClosedPeriod": False
    }


def test_a_switch_may_be_a_text() -> None:
    sent = {"allowUsageInClosedPeriod": "False", "allowBlankAccountingCodes": "true"}

    assert ACCOUNTING_RULES.wanted(sent) == {
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
    assert ACCOUNTING_RULES.wanted({**held, "allowBlankAccountingCodes": True}) == {
        "allowBlankAccountingCodes": True
    }

    others = {"differentCurrencies": True, "cashBasedAccountingStartDate": "2024-11-11"}
    assert faults({**held, **others}) == [
        (Kind.RULE, "'differentCurrencies' can only be false here"),
        (Kind.RULE, "'cashBasedAccountingStartDate' can only be null here"),
    ]


def test_every_fault_is_named() -> None:
    rules = ", ".join(ACCOUNTING_RULES.names)

    assert faults({"allowBlankAccountingCodes": None, "allowUsageInClosedPeriod": 1, "x": 2}) == [
        (Kind.MISSING, "'allowBlankAccountingCodes' may not be null"),
        (Kind.INVALID, "'allowUsageInClosedPeriod' value should be true or false"),
        (Kind.UNKNOWN_FIELD, f"There is no accounting rule 'x'. Accounting rules are {rules}."),
    ]


def test_billing_rules_have_the_names_of_the_api() -> None:
    settings = Settings(include_usage_from_child_accounts=True)
    assert BILLING_RULES.read(settings) == {
        "rateUsageIndividually": False,
        "includeChildUsage": True,
    }
    held = {"daysInMonth": "UseActualDays", "proratePeriodOfRecurringCharge": True}
    assert BILLING_RULES.wanted({**held, "rateUsageIndividually": "true"}) == {
        "rateUsageIndividually": True
    }
    with pytest.raises(EarnedError) as refused:
        BILLING_RULES.wanted({"daysInMonth": "Assume30Days", "oneTimeCreditBack": True, "x": 1})
    assert [problem.message for problem in refused.value.problems] == [
        "'daysInMonth' can only be UseActualDays here",
        "'oneTimeCreditBack' can only be false here",
        "There is no billing rule 'x'. Billing rules are rateUsageIndividually, includeChildUsage.",
    ]
