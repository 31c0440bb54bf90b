"""Units that nobody uses: what they are worth, in which row, and which funds expire (U 4.3)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accrual import Accrual, DayKey, ending_key, fund_value
from earned.domain.audit_days import check_days, check_events
from earned.domain.audit_ledger import DayOf
from earned.domain.breakage import BreakagePolicy, expected_use
from earned.domain.charge import ChargeTerms
from earned.domain.consumption import DailyConsumption, Ending, EventType, RevenueEvent
from earned.domain.crediting import check_credit, credit_minor
from earned.domain.errors import RuleBroken
from earned.domain.expiring import expires
from earned.domain.money import Currency
from earned.domain.prepaid import Fund, ValidityPeriodSummary
from tests import values
from tests.values import NOW, STAMP, consumption

USD = Currency.of("USD")
LAST = date(2026, 1, 31)
TENTH = Decimal("0.1")


def fund(**changes: Any) -> Fund:
    """Make a fund with 2 of its 7 units left."""
    return values.fund(**{"balance": Decimal(2), **changes})


def following(end: date | None) -> ValidityPeriodSummary | None:
    """Return the validity period after January, if there is one."""
    if end is None:
        return None
    return values.validity_period(id="following", start_date=date(2026, 2, 1), end_date=end)


def terms(**changes: Any) -> ChargeTerms:
    facts = {"name": "Prepayment", "charge_type": "Recurring", "charge_model": "FlatFee"}
    return ChargeTerms(**{**facts, **changes}, **STAMP)


def used(day: int) -> DayKey:
    return DayKey(date(2026, 1, day), "C-2", 1, "usage")


def amounts(accrual: Accrual) -> list[int]:
    return [row.amount_minor for _, row in sorted(accrual.rows.items())]


@pytest.mark.parametrize(("units", "minor"), [(270, 30_000), (450, 50_000), (900, 100_000)])
def test_r_10_2_a_tenth_that_stays_unused_is_earned_by_the_others(units: int, minor: int) -> None:
    assert fund_value(100_000, Decimal(1000), USD, TENTH)(Decimal(units)) == minor


def test_u_27_a_fund_earns_its_price_before_it_is_used_up() -> None:
    value = fund_value(120_000, Decimal(1200), USD, TENTH)

    assert [value(Decimal(units)) for units in (0, 300, 600, 900, 1080, 1081, 1200)] == [
        *(0, 33_333, 66_667, 100_000, 120_000, 120_000, 120_000)
    ]


def test_without_an_expectation_all_units_are_expected_to_be_used() -> None:
    assert expected_use(Decimal(7), None) == 7
    assert expected_use(Decimal(7), Decimal("0.25")) == Decimal("5.25")


@given(
    st.decimals(min_value="0.01", max_value=1000, places=2),
    st.decimals(min_value="0.01", max_value="0.99", places=2),
    st.lists(st.integers(0, 100), min_size=1, max_size=8),
)
def test_a_fund_that_expires_earns_its_price_exactly(
    funded: Decimal, rate: Decimal, parts: list[int]
) -> None:
    total = sum(parts) + 1
    accrual = Accrual(fund_value(9999, funded, USD, rate))
    left = funded
    for day, part in enumerate(parts, start=1):
        units = min(left, (funded * part / total).quantize(Decimal("0.01")))
        accrual.move(used(day), units, NOW)
        left -= units
    accrual.move(ending_key(Ending.EXPIRY, LAST), left, NOW)
    accrual.settle(NOW)

    assert sum(amounts(accrual)) == 9999
    assert all(minor >= 0 for minor in amounts(accrual))


def test_units_that_expire_come_after_all_usage_of_the_day() -> None:
    expiry, credit = (ending_key(ending, LAST) for ending in (Ending.EXPIRY, Ending.CREDIT))

    assert sorted([expiry, DayKey(LAST, "Zz-9", 9, "f"), credit]) == [
        DayKey(LAST, "Zz-9", 9, "f"),
        credit,
        expiry,
    ]
    assert (expiry.ending, credit.ending, used(1).ending) == (Ending.EXPIRY, Ending.CREDIT, None)


def test_u_15_a_credit_earns_what_its_units_are_worth_less_what_is_credited() -> None:
    end = ending_key(Ending.CREDIT, date(2026, 1, 20))
    accrual = Accrual(fund_value(12_000, Decimal(120), USD), deductions={end: 6049})
    accrual.move(used(10), Decimal(90), NOW)
    accrual.move(end, Decimal(30), NOW)

    accrual.settle(NOW)
    assert amounts(accrual) == [9000, -3049]

    # A correction before it moves both rows, and not their sum.
    accrual.move(used(10), Decimal(-10), NOW)
    accrual.move(end, Decimal(10), NOW)
    accrual.settle(NOW)
    assert amounts(accrual) == [8000, -2049]


def test_settling_rows_after_a_credit_leaves_it_as_it_is() -> None:
    end = ending_key(Ending.CREDIT, date(2026, 1, 10))
    accrual = Accrual(fund_value(12_000, Decimal(120), USD), deductions={end: 6049})
    accrual.move(end, Decimal(30), NOW)
    accrual.settle(NOW)

    accrual.move(used(20), Decimal(90), NOW)
    accrual.settle(NOW)

    assert amounts(accrual) == [3000 - 6049, 9000]


@pytest.mark.parametrize(
    ("changes", "through", "expected"),
    [
        ({}, LAST, True),
        ({}, date(2026, 1, 30), False),
        ({"balance": Decimal(0)}, LAST, False),
        ({"done": True}, LAST, False),
        ({"breakage_policy": BreakagePolicy.NONE}, LAST, False),
        ({"breakage_policy": BreakagePolicy.PROPORTIONAL}, LAST, True),
    ],
)
def test_a_fund_expires_when_its_days_are_over(
    changes: dict[str, Any], through: date, *, expected: bool
) -> None:
    assert expires(fund(**changes), through, terms(), None) is expected


@pytest.mark.parametrize(
    ("count", "periods", "end", "expected"),
    [
        (0, 1, date(2026, 3, 1), False),
        (1, 1, date(2026, 3, 1), True),
        (1, 3, date(2026, 3, 1), False),
        (0, 1, None, True),
        (0, None, date(2026, 3, 1), True),
    ],
)
def test_a_fund_that_may_roll_over_does_not_expire(
    count: int, periods: int | None, end: date | None, *, expected: bool
) -> None:
    rolling = terms(is_rollover=True, rollover_periods=periods)

    assert expires(fund(rollover_count=count), LAST, rolling, following(end)) is expected


def test_units_expire_when_the_period_they_could_roll_into_is_over_too() -> None:
    rolling = terms(is_rollover=True, rollover_periods=1)
    february = following(date(2026, 3, 1))

    assert not expires(fund(), date(2026, 2, 27), rolling, february)
    assert expires(fund(), date(2026, 2, 28), rolling, february)


@pytest.mark.parametrize(
    ("option", "minor"),
    [("TimeBased", 6049), ("ConsumptionBased", 3000), ("FullCreditBack", 12_000)],
)
def test_u_15_to_u_17_what_is_credited(option: str, minor: int) -> None:
    year = fund(
        funded_balance=Decimal(120),
        balance=Decimal(30),
        funding_price_minor=12_000,
        start_date=date(2022, 1, 1),
        end_date=date(2023, 1, 1),
    )

    assert credit_minor(option, year, USD, date(2022, 7, 1)) == minor


def test_a_credit_is_made_once_and_within_the_price() -> None:
    check_credit(fund(), 10_000)
    for wrong in (-1, 10_001):
        with pytest.raises(RuleBroken):
            check_credit(fund(), wrong)
    with pytest.raises(RuleBroken):
        check_credit(fund(credited_on=LAST), 1)


NOBODY = dict.fromkeys(f"usage_charge_{field}" for field in ("id", "number", "name", "segment"))


def row(day: date, quantity: int, minor: int, ending: Ending | None = None) -> DailyConsumption:
    if ending is None:
        return consumption(day, quantity, minor)
    return consumption(day, quantity, minor, id=f"{day} {ending}", ending=ending, **NOBODY)


DAY = date(2026, 1, 3)
DRAWN = DayOf(DAY, "", "C-2", 1, "usage")
EXPIRED = DayOf(LAST, "EXPIRY", "", 0, "")
CREDITED = DayOf(LAST, "CREDIT", "", 0, "")


def broken(fund: Fund, ledger: dict[DayOf, Decimal], rows: Sequence[DailyConsumption]) -> list[str]:
    return [one.found for one in check_days(fund, USD, ledger, rows)]


def test_an_audit_knows_the_row_of_an_expiry() -> None:
    ledger = {DRAWN: Decimal(5), EXPIRED: Decimal(2)}
    rows = [row(DAY, 5, 7143), row(LAST, 2, 2857, Ending.EXPIRY)]

    assert broken(fund(), ledger, rows) == []
    assert broken(fund(), ledger, [rows[0], replace(rows[1], amount_minor=2856)]) == [
        "2026-01-31 EXPIRY: 2 units, 2856 minor",
        "9999",
    ]
    assert broken(fund(), ledger, rows[:1]) == ["2026-01-31 EXPIRY: no row", "7143"]


def test_an_audit_knows_proportional_breakage() -> None:
    proportional = fund(
        funded_balance=Decimal(1000),
        funding_price_minor=100_000,
        expected_breakage_rate=TENTH,
        breakage_policy=BreakagePolicy.PROPORTIONAL,
    )

    assert broken(proportional, {DRAWN: Decimal(450)}, [row(DAY, 450, 50_000)]) == []
    assert broken(proportional, {DRAWN: Decimal(450)}, [row(DAY, 450, 45_000)]) != []
    assert broken(proportional, {DRAWN: Decimal(950)}, [row(DAY, 950, 100_000)]) == []


def test_an_audit_knows_what_was_credited() -> None:
    credited = fund(
        funded_balance=Decimal(120),
        funding_price_minor=12_000,
        credited_minor=6049,
        credited_on=LAST,
    )
    ledger = {DRAWN: Decimal(90), CREDITED: Decimal(30)}

    rows = [row(DAY, 90, 9000), row(LAST, 30, -3049, Ending.CREDIT)]
    assert broken(credited, ledger, rows) == []
    assert broken(credited, ledger, [rows[0], replace(rows[1], amount_minor=3000)]) == [
        "2026-01-31 CREDIT: 30 units, 3000 minor",
        "12000",
    ]


def test_an_audit_wants_an_event_for_each_expiry() -> None:
    expired = row(LAST, 2, 2857, Ending.EXPIRY)
    event = RevenueEvent(
        id="event",
        entity_id="entity",
        account_id="account",
        event_type=EventType.FUND_EXPIRY,
        subscription_name="A-S1",
        charge_id="prepayment",
        charge_number="C-1",
        charge_segment=1,
        transaction_date=LAST,
        quantity=Decimal(2),
        amount_minor=2857,
        currency="USD",
        unit_price=None,
        fund_id="fund",
        created_at=NOW,
        updated_at=NOW,
    )
    rolled = replace(event, event_type=EventType.FUND_ROLLOVER, amount_minor=None)

    assert list(check_events([expired], [event, rolled])) == []
    assert [one.found for one in check_events([expired], [])] == ["2026-01-31 EXPIRY: no event"]
    wrong = replace(event, event_type=EventType.FUND_CREDIT)
    assert len(list(check_events([expired], [wrong]))) == 2
