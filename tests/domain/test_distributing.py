"""Distributing anew: what a request comes to in deltas of periods."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accounting import OPEN_ENDED, AccountingPeriod, PeriodStatus
from earned.domain.distributing import (
    Delta,
    DeltaType,
    Holding,
    move_on_date,
    read_delta,
    spread_anew,
)
from earned.domain.errors import EarnedError, Invalid, Missing, RuleBroken
from earned.domain.money import Currency
from earned.domain.scheduling import Asked, OpenEndedRules

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DOLLARS, YEN = Currency.of("USD"), Currency.of("JPY")
STRICT, MAY, PLUG = OpenEndedRules(), OpenEndedRules(may_oppose=True), OpenEndedRules(plug=True)
LAST_DAYS = (31, 28, 31, 30)
NEGATIVE = "The Open-Ended accounting period cannot have a negative amount."


def periods(closed: int = 0) -> list[AccountingPeriod]:
    """Return the first months of 2026, some of them closed, and Open-Ended; ids are numbers."""
    months = [
        period(month, date(2026, month, 1), date(2026, month, last), closed=month <= closed)
        for month, last in enumerate(LAST_DAYS, start=1)
    ]
    return [period(0, None, None, closed=False), *months]


def period(month: int, start: date | None, end: date | None, *, closed: bool) -> AccountingPeriod:
    return AccountingPeriod(
        id=str(month),
        entity_id="books",
        name=f"P{month}" if month else OPEN_ENDED,
        start_date=start,
        end_date=end,
        fiscal_year=2026,
        status=PeriodStatus.CLOSED if closed else PeriodStatus.OPEN,
        created_by="tests",
        created_at=NOW,
        updated_by="tests",
        updated_at=NOW,
    )


def holding(currency: Currency = DOLLARS, **items: int) -> Holding:
    """Return what a schedule holds, by `P1` to `P4` and `P0`, which is Open-Ended."""
    held = {name.removeprefix("P"): minor for name, minor in items.items()}
    return Holding(sum(items.values()), held, currency)


def anew(held: Holding, rules: OpenEndedRules = STRICT, closed: int = 0, **new: object) -> Any:
    asked = [
        Asked(OPEN_ENDED if name == "P0" else name, value, name) for name, value in new.items()
    ]
    return spread_anew(held, asked, periods(closed), rules)


def on(
    day: str, number: int | Fraction, kind: DeltaType = DeltaType.FIXED, **more: Any
) -> dict[str, int]:
    facts: dict[str, Any] = {
        "held": holding(P1=150000, P0=50000),
        "closed": 0,
        "rules": STRICT,
        **more,
    }
    delta = Delta(date.fromisoformat(day), kind, number)
    return dict(move_on_date(facts["held"], delta, periods(facts["closed"]), facts["rules"]))


def test_new_amounts_become_deltas() -> None:
    held = holding(P1=10000, P2=20000, P0=0)
    assert anew(held, P1="50", P3="50.00") == {"1": -5000, "3": 5000}
    assert anew(held, P1="0", P2="0", P0="300") == {"1": -10000, "2": -20000, "0": 30000}


def test_r_t29_the_same_amounts_are_no_deltas() -> None:
    held = holding(P1=10000, P2=20000, P0=0)
    assert anew(held, P1="100", P2="200", P0="0") == anew(held) == {}


def test_r_t30_more_in_october_is_less_in_open_ended() -> None:
    held = holding(P4=5000, P0=0)
    assert anew(held, MAY, P4="60", P0="-10") == {"4": 1000, "0": -1000}
    with pytest.raises(RuleBroken, match=NEGATIVE):
        anew(held, P4="60", P0="-10")


def test_periods_that_are_not_named_keep_their_amounts_in_the_total() -> None:
    held = holding(P1=10000, P2=20000, P0=0)
    wrong: list[dict[str, Any]] = [{"P1": "300"}, {"P1": "100", "P2": "100"}, {"P3": "0.01"}]
    for new in wrong:
        with pytest.raises(RuleBroken, match="must add up to the amount"):
            anew(held, **new)


def test_closed_periods_count_in_the_total_and_take_no_new_amount() -> None:
    held = holding(P1=10000, P2=20000, P0=0)
    assert anew(held, closed=1, P2="150", P0="50") == {"2": -5000, "0": 5000}
    with pytest.raises(RuleBroken, match="closed accounting period 'P1'"):
        anew(held, closed=1, P1="100", P2="200")


def test_with_a_plug_open_ended_is_what_the_others_leave() -> None:
    held = holding(P1=10000, P2=20000, P0=0)
    assert anew(held, PLUG, P1="50") == {"1": -5000, "0": 5000}
    assert anew(held, PLUG, P1="50", P0="77") == {"1": -5000, "0": 5000}
    with pytest.raises(RuleBroken, match=NEGATIVE):
        anew(held, PLUG, P1="150")


def test_an_opposing_open_ended_amount_may_stay_or_shrink_but_not_grow() -> None:
    held = holding(P1=31000, P0=-1000)
    assert anew(held, P1="300", P2="10") == {"1": -1000, "2": 1000}
    assert anew(held, P1="305", P0="-5") == {"1": -500, "0": 500}
    with pytest.raises(RuleBroken, match=NEGATIVE):
        anew(held, P1="311", P0="-11")


def test_r_t27_a_share_of_the_total_or_of_the_rest() -> None:
    ten = Fraction(10)
    assert on("2026-02-10", ten, DeltaType.PERCENT_UNDISTRIBUTED) == {"2": 5000, "0": -5000}
    assert on("2026-02-10", ten, DeltaType.PERCENT_TOTAL) == {"2": 20000, "0": -20000}
    with pytest.raises(RuleBroken, match=NEGATIVE):
        on("2026-02-10", 100000)
    assert on("2026-02-10", 100000, rules=MAY) == {"2": 100000, "0": -100000}


@pytest.mark.parametrize(
    ("currency", "amount", "percent", "moved"),
    [
        (DOLLARS, 10005, "50", 5003),
        (DOLLARS, 10003, "50", 5002),
        (DOLLARS, -10005, "50", -5003),
        (DOLLARS, 10000, "33.333", 3333),
        (DOLLARS, 1, "49.999999999", 0),
        (YEN, 101, "50", 51),
        (Currency.of("KWD"), 1000, "0.05", 1),
        (DOLLARS, 10000, "100", 10000),
    ],
)
def test_a_percentage_is_rounded_half_up_to_the_currency(
    currency: Currency, amount: int, percent: str, moved: int
) -> None:
    held = holding(currency, P0=amount)
    expected = {"1": moved, "0": -moved} if moved else {}
    for kind in (DeltaType.PERCENT_TOTAL, DeltaType.PERCENT_UNDISTRIBUTED):
        assert on("2026-01-31", Fraction(percent), kind, held=held) == expected


def test_a_negative_amount_moves_back() -> None:
    assert on("2026-01-15", -15000) == {"1": -15000, "0": 15000}


def test_the_day_decides_or_the_next_open_period() -> None:
    assert on("2026-03-31", 100) == {"3": 100, "0": -100}
    assert on("2026-01-05", 100, closed=2) == {"3": 100, "0": -100}
    assert on("2025-06-01", 100) == {"1": 100, "0": -100}
    for day, closed in (("2026-05-01", 0), ("2026-02-01", 4)):
        message = f"There is no open accounting period on or after {day}."
        with pytest.raises(RuleBroken, match=message):
            on(day, 100, closed=closed)


def test_moving_nothing_is_no_delta() -> None:
    assert on("2026-02-01", 0) == on("2026-02-01", Fraction(0), DeltaType.PERCENT_TOTAL) == {}


def test_an_amount_lies_in_250_periods_at_most() -> None:
    full = Holding(25000, {str(number): 100 for number in range(1000, 1250)}, DOLLARS)
    delta = Delta(date(2026, 1, 1), DeltaType.FIXED, 100)
    with pytest.raises(RuleBroken, match="a maximum of 250 accounting periods"):
        move_on_date(full, delta, periods(), MAY)
    room = Holding(25000, {**full.items, "1000": 0, "0": 100}, DOLLARS)
    assert move_on_date(room, delta, periods(), STRICT) == {"1": 100, "0": -100}


def read(**fields: object) -> Delta:
    facts = {
        "distributeOn": "2026-02-01",
        "distributionType": "specific date (delta fixed amount)",
        "amount": "10.50",
        "percentage": "12.5",
    }
    return read_delta({**facts, **fields}, DOLLARS)


def test_a_delta_is_read_in_its_kind() -> None:
    day = date(2026, 2, 1)
    assert read() == Delta(day, DeltaType.FIXED, 1050)
    kind = "Specific Date  (Delta Percent Total)"
    assert read(distributionType=kind) == Delta(day, DeltaType.PERCENT_TOTAL, Fraction(25, 2))
    other = "specific date (delta percent undistributed)"
    assert read(distributionType=other, percentage=100, amount="x") == Delta(
        day, DeltaType.PERCENT_UNDISTRIBUTED, Fraction(100)
    )


PERCENT = {"distributionType": "specific date (delta percent total)"}
BETWEEN = "'percentage' value should be between 0 and 100"


@pytest.mark.parametrize(
    ("fields", "refusal", "message"),
    [
        ({"distributeOn": None}, Missing, "'distributeOn' may not be null"),
        ({"distributeOn": "2026-02-30"}, Invalid, "'distributeOn' value should be in yyyy-mm-dd"),
        ({"distributionType": None}, Missing, "'distributionType' may not be null"),
        ({"distributionType": "daily"}, Invalid, "'distributionType' value should be one of:"),
        ({"amount": None}, Missing, "'amount' may not be null"),
        ({"amount": "1.005"}, Invalid, "Allocation amount with wrong decimal places."),
        ({**PERCENT, "percentage": None}, Missing, "'percentage' may not be null"),
        ({**PERCENT, "percentage": "x"}, Invalid, "'percentage' value is invalid"),
        ({**PERCENT, "percentage": "-1"}, Invalid, BETWEEN),
        ({**PERCENT, "percentage": "100.01"}, Invalid, BETWEEN),
        ({**PERCENT, "percentage": "1E+999999999"}, Invalid, BETWEEN),
        ({**PERCENT, "percentage": "1E-999999999"}, Invalid, BETWEEN),
    ],
)
def test_what_cannot_be_read_is_refused(
    fields: dict[str, object], refusal: type[EarnedError], message: str
) -> None:
    with pytest.raises(refusal, match=message.replace("(", r"\(")):
        read(**fields)


amounts = st.integers(-(10**7), 10**7)


@given(
    items=st.dictionaries(st.sampled_from("01234"), amounts),
    day=st.dates(date(2025, 12, 1), date(2026, 5, 31)),
    number=st.one_of(amounts, st.fractions(0, 100)),
    kind=st.sampled_from(DeltaType),
    closed=st.integers(0, 4),
    may_oppose=st.booleans(),
)
def test_a_delta_changes_no_closed_period_and_no_amount(
    items: dict[str, int],
    day: date,
    number: int | Fraction,
    kind: DeltaType,
    closed: int,
    *,
    may_oppose: bool,
) -> None:
    held = Holding(sum(items.values()), items, DOLLARS)
    rules = OpenEndedRules(may_oppose=may_oppose)
    try:
        deltas = move_on_date(held, Delta(day, kind, number), periods(closed), rules)
    except RuleBroken:
        return
    assert sum(deltas.values()) == 0
    assert all(deltas.values())
    assert not {str(month) for month in range(1, closed + 1)} & set(deltas)
    rest = items.get("0", 0) + deltas.get("0", 0)
    assert may_oppose or rest * held.amount_minor >= 0 or abs(rest) <= abs(items.get("0", 0))
