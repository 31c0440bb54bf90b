"""What the audit says of single values; damage in a database is in tests/cli/test_audit.py."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from earned.domain.audit import (
    Break,
    check_balance,
    check_fund,
    check_guided,
    check_rounding,
    check_steps,
    overage,
)
from earned.domain.audit_days import check_days
from earned.domain.audit_ledger import DayOf, Steps, Tally
from earned.domain.catalog import UnitOfMeasure
from earned.domain.money import Currency
from earned.domain.prepaid import (
    BalanceTransaction,
    Fund,
    PrepaidBalance,
    SourceType,
    TransactionType,
)
from earned.domain.usage import GuidedUsage, UsageRecord
from tests import values
from tests.values import NOW, STAMP, consumption

USD = Currency.of("USD")
DAY = date(2026, 1, 3)


def fund(funded: str = "7", left: str = "7", **changes: Any) -> Fund:
    return values.fund(funded_balance=Decimal(funded), balance=Decimal(left), **changes)


def transaction(
    amount: str, after: str = "0", number: int = 1, **changes: Any
) -> BalanceTransaction:
    drawn = Decimal(amount) < 0
    facts: dict[str, Any] = {
        "id": f"transaction {number}",
        "entity_id": "entity",
        "account_id": "account",
        "prepaid_balance_id": "balance",
        "fund_id": "fund",
        "sequence": number,
        "amount": Decimal(amount),
        "balance": Decimal(after),
        "transaction_date": DAY,
        "transaction_type": TransactionType.DRAWDOWN if drawn else TransactionType.PREPAYMENT,
        "source_type": SourceType.USAGE,
        "source_id": "guided",
        "drawdown_rate": Decimal("2.5"),
        "drawdown_charge_id": "usage",
        "drawdown_charge_number": "C-2",
        "drawdown_charge_segment": 1,
        "created_by": "tests",
        "created_at": NOW,
    }
    return BalanceTransaction(**{**facts, **changes})


def guided(quantity: str, remaining: str = "0", **changes: Any) -> GuidedUsage:
    facts: dict[str, Any] = {
        "id": "guided",
        "entity_id": "entity",
        "usage_id": "usage",
        "account_id": "account",
        "charge_id": "usage",
        "charge_number": "C-2",
        "charge_segment": 1,
        "original_subscription_id": "subscription",
        "uom": "Hour",
        "quantity": Decimal(quantity),
        "usage_date": DAY,
        "remaining_quantity": Decimal(remaining),
        **STAMP,
    }
    return GuidedUsage(**{**facts, **changes})


def record(quantity: str = "1", **changes: Any) -> UsageRecord:
    facts: dict[str, Any] = {
        "id": "usage",
        "entity_id": "entity",
        "account_id": "account",
        "account_number": "A-1",
        "uom": "Hour",
        "quantity": Decimal(quantity),
        "start_date_time": NOW,
        "usage_date": DAY,
        **STAMP,
    }
    return UsageRecord(**{**facts, **changes})


def tally(rows: Sequence[BalanceTransaction]) -> Tally:
    ledger = Tally()
    for one in rows:
        ledger.count_in(one)
    return ledger


def found(breaks: Any) -> list[tuple[str, str, str]]:
    return [(one.check, one.expected, one.found) for one in breaks]


def test_a_fund_that_ties_out_has_no_break() -> None:
    ledger = tally([transaction("7"), transaction("-2.5", number=2)])

    assert list(check_fund(fund(left="4.5", transaction_count=2), ledger)) == []


def test_units_that_expired_rolled_over_or_were_credited_are_accounted_for() -> None:
    kinds = (
        ("10", TransactionType.PREPAYMENT),
        ("-1", TransactionType.DRAWDOWN),
        ("-2", TransactionType.FUND_EXPIRY),
        ("-3", TransactionType.ROLLED_OVER),
        ("-4", TransactionType.PREPAYMENT_CREDIT_BACK),
    )
    ledger = tally(
        [
            transaction(amount, number=number, transaction_type=kind)
            for number, (amount, kind) in enumerate(kinds, start=1)
        ]
    )
    sound = fund("10", "0", expired=Decimal(2), rolled_over=Decimal(3), transaction_count=5)

    assert list(check_fund(sound, ledger)) == []
    assert found(check_fund(replace(sound, expired=Decimal(1)), ledger)) == [
        ("fund units are conserved", "10", "9"),
        ("fund counts the units that expired", "2", "1"),
    ]


def test_a_gap_is_named_by_the_first_number_out_of_place() -> None:
    ledger = tally([transaction("7"), transaction("-1", number=3), transaction("-1", number=4)])

    assert ("fund transactions have no gap", "no gap", "3 in place 2") in found(
        check_fund(fund(left="5", transaction_count=3), ledger)
    )


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_balances_follow_one_another_in_whatever_order_they_are_read(order: list[int]) -> None:
    rows = [("10", "10"), ("5", "15"), ("-3", "12"), ("-2", "10")]
    steps = Steps()
    for place in order:
        steps.count_in(transaction(*rows[place], number=place))

    assert list(check_steps(steps)) == []


def test_a_balance_that_nothing_follows_is_told_with_its_transaction() -> None:
    steps = Steps()
    for number, (amount, after) in enumerate((("10", "10"), ("-3", "6"), ("-2", "5")), start=1):
        steps.count_in(transaction(amount, after, number))

    assert {one.object_id for one in check_steps(steps)} == {
        "transaction 1",
        "transaction 2",
        "transaction 3",
    }


def test_an_overdrawn_prepaid_balance_is_told() -> None:
    balance = PrepaidBalance(
        id="balance",
        entity_id="entity",
        account_id="account",
        original_subscription_id="subscription",
        name="A-S1_Token",
        uom="Token",
        total_fund=Decimal(7),
        balance=Decimal(-1),
        start_date=date(2026, 1, 1),
        end_date=date(2026, 2, 1),
        **STAMP,
    )

    assert found(check_balance(balance, [fund(left="-1")])) == [
        ("prepaid balance is not overdrawn", "0", "-1")
    ]


# U 5 row 23: 100 USD for 7 units, one a day.
SEVEN = (1429, 1428, 1429, 1428, 1429, 1428, 1429)


def test_u_23_daily_rows_round_the_running_total() -> None:
    days = [date(2026, 1, number) for number in range(1, 8)]
    ledger = {DayOf(day, "", "C-2", 1, "usage"): Decimal(1) for day in days}
    rows = [consumption(day, "1", amount) for day, amount in zip(days, SEVEN, strict=True)]

    assert list(check_days(fund(left="0"), USD, ledger, rows)) == []


def test_daily_rows_that_round_on_their_own_are_told() -> None:
    days = [date(2026, 1, number) for number in range(1, 8)]
    ledger = {DayOf(day, "", "C-2", 1, "usage"): Decimal(1) for day in days}
    rows = [consumption(day, "1", 1429) for day in days]

    breaks = found(check_days(fund(left="0"), USD, ledger, rows))

    assert breaks[-1] == (
        "daily consumption adds up to the fund's consumption amount",
        "10000",
        "10003",
    )
    assert len(breaks) == 4


def test_a_day_without_its_row_and_a_row_without_its_day_are_told() -> None:
    other = date(2026, 1, 4)
    ledger = {DayOf(DAY, "", "C-2", 1, "usage"): Decimal(7)}

    assert found(check_days(fund(left="0"), USD, ledger, [consumption(other, "7", 10000)])) == [
        (
            "daily consumption follows the ledger",
            "2026-01-03 C-2 segment 1: 7 units, 10000 minor",
            "2026-01-03 C-2 segment 1: no row",
        ),
        (
            "daily consumption follows the ledger",
            "2026-01-04 C-2 segment 1: no row",
            "2026-01-04 C-2 segment 1: 7 units, 10000 minor",
        ),
    ]


def test_u_30_drawn_and_overage_make_the_need() -> None:
    # 25 points at 2.5 an hour: 20 hours draw 25 and leave 10 hours.
    drawn = [transaction("-25")]

    assert list(check_guided(guided("20", "10"), record(), drawn)) == []
    assert found(check_guided(guided("20", "9"), record(), drawn)) == [
        ("guided usage is drawn or overage", "50", "47.5")
    ]


def test_overage_that_has_no_end_is_cut_off_at_nine_decimals() -> None:
    drawn = [transaction("-1", drawdown_rate=Decimal(3))]

    assert list(check_guided(guided("1", "0.666666666"), record(), drawn)) == []
    assert len(list(check_guided(guided("1", "0.666666665"), record(), drawn))) == 1


def test_usage_without_a_fund_is_all_overage() -> None:
    assert list(check_guided(guided("3", "3"), record(), [])) == []
    assert found(check_guided(guided("3", "2"), record(), [])) == [
        ("guided usage is drawn or overage", "3", "2")
    ]


def test_deleted_usage_draws_nothing_and_is_no_overage() -> None:
    returned = [transaction("-25"), transaction("25", number=2)]
    deleted = guided("10", "4", deleted=True)

    assert list(check_guided(deleted, record(deleted=True), returned)) == []
    assert overage(deleted, returned, Decimal("2.5")) == 0


def test_a_deleted_reversal_is_overage_where_its_units_are_gone() -> None:
    # It gave one unit back; when it was deleted the fund had none left to draw again.
    returned = [transaction("1", drawdown_rate=Decimal(1))]
    deleted = guided("-1", "0", deleted=True)

    assert list(check_guided(deleted, record(deleted=True), returned)) == []
    assert overage(deleted, returned, Decimal(1)) == 1


@pytest.mark.parametrize(
    ("sent", "mode", "rounded"),
    [
        ("12.31245", "Down", "12.31"),
        ("12.31245", "Up", "12.32"),
        ("-12.31245", "Up", "-12.32"),
        ("-12.31245", "Down", "-12.31"),
        ("12.31", "Up", "12.31"),
    ],
)
def test_u_55_guided_usage_has_the_rounded_quantity(sent: str, mode: str, rounded: str) -> None:
    unit = UnitOfMeasure(
        id="unit",
        entity_id="entity",
        name="GB",
        displayed_as="GB",
        decimal_places=2,
        rounding_mode=mode,
        **STAMP,
    )

    assert list(check_rounding(guided(rounded), record(sent), unit)) == []
    assert list(check_rounding(guided("12.3"), record(sent), unit)) == [
        Break(
            "guided usage has its record's quantity",
            "GuidedUsage",
            "guided",
            f"{sent}, 2 decimals {mode}",
            "12.3",
        )
    ]
