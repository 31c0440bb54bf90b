"""What billing documents obey, and what becomes of their revenue."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.billed import (
    AUTOMATIC,
    Billed,
    check_schedulable,
    contra_code,
    is_scheduled,
    recognized_by,
    taken_back,
)
from earned.domain.billing import TRAITS, DocumentKind, RecognizedBy
from earned.domain.billing_rules import (
    check_available,
    check_document_number,
    check_service,
    check_total,
    read_amount,
    read_positive_amount,
)
from earned.domain.calendar import Days
from earned.domain.errors import EarnedError, Invalid, Missing, RuleBroken
from earned.domain.money import Currency
from earned.domain.posting import RULES, Code
from earned.domain.recognition import Spread, amounts_by_formula
from earned.domain.recognition_rule import RecognitionRule, RevenueAutomation, RuleModel
from earned.domain.schedule import LinkedType
from tests.calendars import STAMP, months

USD, JPY = Currency.of("USD"), Currency.of("JPY")
JANUARY = date(2024, 1, 1)
STAMPS: dict[str, Any] = {
    "created_by": "",
    "created_at": STAMP,
    "updated_by": "",
    "updated_at": STAMP,
}
DEFERRED, UNBILLED, REVENUE = (
    Code("D", "DeferredRevenue"),
    Code("U", "UnbilledReceivables"),
    Code("R", "SalesRevenue"),
)


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("10.005", USD, 1001),
        (Decimal("-10.005"), USD, -1001),
        ("10.0049", USD, 1000),
        (30, USD, 3000),
        ("30.5", JPY, 31),
        ("0.004", USD, 0),
        ("1e2", USD, 10000),
        ("9999999999999.99", USD, 999999999999999),
    ],
)
def test_amounts_are_rounded(value: object, currency: Currency, minor: int) -> None:
    assert read_amount(value, currency, "amount") == minor


@pytest.mark.parametrize("value", ["", "much", "1,5", True, [1], "1e400", "10000000000000", "NaN"])
def test_an_amount_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        read_amount(value, USD, "amount")


def test_an_amount_is_required() -> None:
    with pytest.raises(Missing):
        read_amount(None, USD, "amount")


@pytest.mark.parametrize("value", ["0", "-1", "0.004"])
def test_a_memo_has_amounts_above_zero(value: str) -> None:
    with pytest.raises(Invalid, match="'amount' value should be greater than 0"):
        read_positive_amount(value, USD, "amount")


@pytest.mark.parametrize("number", ["", " ", "A B", "A" * 33, "Ä", "A/B", "A\n"])
def test_a_number_has_letters_digits_hyphens_and_underscores(number: str) -> None:
    check_document_number("INV-2024_01", "number")
    with pytest.raises(Invalid):
        check_document_number(number, "number")


def test_a_total_keeps_within_thirteen_digits() -> None:
    check_total(999999999999999, USD, "items")
    with pytest.raises(Invalid):
        check_total(1000000000000000, USD, "items")
    with pytest.raises(RuleBroken):
        check_total(-1, USD, "items")


def test_service_may_be_of_one_day_and_ends_some_day() -> None:
    check_service(JANUARY, JANUARY, "items.0")
    for end in (JANUARY - timedelta(1), date.max):
        with pytest.raises(Invalid):
            check_service(JANUARY, end, "items.0")


def test_what_is_left_may_be_credited_to_the_last_cent() -> None:
    check_available(6950, 6950, USD, "amount")
    with pytest.raises(RuleBroken, match=r"left of the invoice item to credit, 69\.50\."):
        check_available(6951, 6950, USD, "amount")
    with pytest.raises(RuleBroken, match=r"to credit, 0\.00\."):
        check_available(1, -10, USD, "amount")


@pytest.mark.parametrize(
    ("rule", "is_prepayment", "is_usage", "by", "contra"),
    [
        ("Daily", False, False, RecognizedBy.SCHEDULE, DEFERRED),
        (None, False, False, RecognizedBy.BILLING, REVENUE),
        ("Daily", True, False, RecognizedBy.DRAWDOWN, DEFERRED),
        (None, True, False, RecognizedBy.DRAWDOWN, DEFERRED),
        ("Daily", False, True, RecognizedBy.USAGE, UNBILLED),
    ],
)
def test_what_recognizes_an_item_decides_what_it_is_posted_against(
    rule: str | None, *, is_prepayment: bool, is_usage: bool, by: RecognizedBy, contra: Code
) -> None:
    found = recognized_by(rule, is_prepayment=is_prepayment, is_subscribed_usage=is_usage)

    assert found is by
    assert contra_code(by, deferred=DEFERRED, unbilled=UNBILLED, revenue=REVENUE) == contra


def test_only_schedules_are_made_by_hand() -> None:
    for by in RecognizedBy:
        billed = replace(BILLED, recognized_by=by)
        if by is RecognizedBy.SCHEDULE:
            check_schedulable(billed, "invoice item")
        else:
            with pytest.raises(EarnedError):
                check_schedulable(billed, "invoice item")


BILLED = Billed(
    linked_type=LinkedType.INVOICE_ITEM,
    linked_id="item",
    linked_number="INV-00000001",
    account_id="account",
    currency="USD",
    amount_minor=30000,
    day=date(2024, 1, 15),
    service=Days(date(2024, 1, 15), date(2024, 4, 15)),
    original_subscription_id=None,
    charge_id=None,
    product_charge_id=None,
    rule_name="Daily",
    recognized_by=RecognizedBy.SCHEDULE,
    recognized_code="R",
    recognized_code_type=None,
    deferred_code="D",
    deferred_code_type=None,
    created_at=STAMP,
)


def rule(model: RuleModel) -> RecognitionRule:
    return RecognitionRule(id="rule", entity_id="entity", name="Daily", model=model, **STAMPS)


AUTOMATION = RevenueAutomation(entity_id="entity", start_date=date(2024, 1, 15), **STAMPS)


@pytest.mark.parametrize("model", RuleModel)
def test_posting_schedules_what_has_an_automatic_rule(model: RuleModel) -> None:
    assert is_scheduled(BILLED, rule(model), AUTOMATION) is (model in AUTOMATIC)


def test_posting_schedules_nothing_without_codes_amount_rule_or_automation() -> None:
    daily = rule(RuleModel.DAILY)
    later = STAMP + timedelta(seconds=1)

    assert is_scheduled(BILLED, daily, AUTOMATION)
    for billed in (
        replace(BILLED, recognized_code=None),
        replace(BILLED, deferred_code=None),
        replace(BILLED, amount_minor=0),
        replace(BILLED, day=date(2024, 1, 14)),
        replace(BILLED, recognized_by=RecognizedBy.DRAWDOWN),
    ):
        assert not is_scheduled(billed, daily, AUTOMATION)
    assert not is_scheduled(BILLED, None, AUTOMATION)
    assert not is_scheduled(BILLED, daily, None)
    assert not is_scheduled(BILLED, daily, replace(AUTOMATION, created_at=later))


def test_every_kind_posts_by_a_rule_and_names_its_events() -> None:
    for kind in DocumentKind:
        traits = TRAITS[kind]
        assert traits.transaction_type in RULES
        assert traits.posted.label.lower() == f"{traits.words} posted"
        assert traits.canceled.label.lower() == f"{traits.words} canceled"


@given(
    amount=st.integers(-(10**9), 10**9),
    days=st.integers(0, 400),
    closed_before=st.integers(0, 6),
    closed_after=st.integers(0, 6),
)
def test_what_is_taken_back_leaves_closed_periods_and_nothing_else(
    amount: int, days: int, closed_before: int, closed_after: int
) -> None:
    spread = Spread(start=JANUARY, end=JANUARY + timedelta(days))
    held = amounts_by_formula(amount, spread, months(JANUARY, 6, closed_before), {})
    periods = months(JANUARY, 6, max(closed_before, closed_after))

    back = taken_back(held, periods)

    assert sum(back.values()) == -amount
    recognized = sum(held[period.id] for period in periods if period.is_closed)
    open_ones = [period.id for period in periods if not period.is_closed]
    assert all(back[period.id] == 0 for period in periods if period.is_closed)
    assert back[open_ones[0]] + held[open_ones[0]] == -recognized
    assert all(back[one] == -held[one] for one in open_ones[1:])
