"""Where the revenue of a day goes, how much a fund releases, and what is told about it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accounting import OPEN_ENDED, AccountingPeriod, PeriodStatus
from earned.domain.collecting import EARLIER, Landing, Reasons, landings, limited
from earned.domain.money import Currency
from earned.domain.scheduling import NOTES_LENGTH_MAX

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USD = Currency.of("USD")
OPEN, CLOSED = "open", "closed"
JAN, FEB, MAR = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def period(name: str, start: date | None, end: date | None, *, closed: bool) -> AccountingPeriod:
    return AccountingPeriod(
        id=name.lower(),
        entity_id="entity",
        name=name,
        start_date=start,
        end_date=end,
        fiscal_year=2026,
        status=PeriodStatus.CLOSED if closed else PeriodStatus.OPEN,
        created_by="tests",
        created_at=NOW,
        updated_by="tests",
        updated_at=NOW,
    )


def quarter(*statuses: str) -> list[AccountingPeriod]:
    starts = [JAN, FEB, MAR, date(2026, 4, 1)]
    months = [
        period(name, start, end - timedelta(1), closed=status == CLOSED)
        for name, start, end, status in zip(
            ("Jan", "Feb", "Mar"), starts, starts[1:], statuses, strict=False
        )
    ]
    return [*months, period(OPEN_ENDED, None, None, closed=False)]


def test_days_go_to_their_own_period_while_it_is_open() -> None:
    assert landings(quarter(OPEN, OPEN)) == [
        Landing(date.min, date(2025, 12, 31), "jan", EARLIER),
        Landing(JAN, date(2026, 1, 31), "jan"),
        Landing(FEB, date(2026, 2, 28), "feb"),
    ]


def test_days_of_closed_periods_go_to_the_next_open_one() -> None:
    assert landings(quarter(CLOSED, CLOSED, OPEN)) == [
        Landing(date.min, date(2025, 12, 31), "mar", EARLIER),
        Landing(JAN, date(2026, 1, 31), "mar", "Jan"),
        Landing(FEB, date(2026, 2, 28), "mar", "Feb"),
        Landing(MAR, date(2026, 3, 31), "mar"),
    ]


def test_days_after_the_last_open_period_wait() -> None:
    assert [one.last for one in landings(quarter(OPEN, CLOSED))] == [
        date(2025, 12, 31),
        date(2026, 1, 31),
    ]
    assert landings(quarter(CLOSED, CLOSED)) == []
    assert landings(quarter()) == []


@pytest.mark.parametrize(
    ("amounts", "room", "released"),
    [
        ([9000, 1000], 10_000, [9000, 1000]),
        ([9000, 1000, 1000], 10_000, [9000, 1000, 0]),
        ([9000, 1500], 10_000, [9000, 1000]),
        ([1500, -500], 1000, [1500, -500]),
        ([600, 700, -100], 1000, [600, 500, -100]),
        ([100], 0, [0]),
        ([100, 100], -50, [0, 0]),
        ([], 10, []),
    ],
)
def test_u_53_no_more_is_released_than_there_is(
    amounts: list[int], room: int, released: list[int]
) -> None:
    assert limited(amounts, room) == released


@given(st.lists(st.integers(-500, 500), max_size=8), st.integers(0, 1000))
def test_what_is_released_fills_the_room_and_no_more(amounts: list[int], room: int) -> None:
    released = limited(amounts, room)

    assert sum(released) == min(sum(amounts), room)
    for asked, given_ in zip(amounts, released, strict=True):
        assert given_ == asked or 0 <= given_ < asked


def test_a_distribution_that_needs_no_reason_has_none() -> None:
    assert Reasons(belated={}).told(USD) is None
    assert Reasons(belated={"Jan'2026": 0}).told(USD) is None


def test_late_revenue_names_the_closed_period_it_belongs_to() -> None:
    told = Reasons(belated={EARLIER: 100, "Jan'2026": 10_000, "Feb'2026": -305}).told(USD)

    assert told == (
        "1.00 USD belong to the days before the first accounting period; "
        "100.00 USD belong to Jan'2026, which is closed; "
        "-3.05 USD belong to Feb'2026, which is closed."
    )


def test_breakage_and_what_is_not_released_are_told() -> None:
    told = Reasons(belated={}, breakage_minor=80_004, unreleased_minor=1000).told(USD)

    assert told == (
        "800.04 USD are breakage: units nobody used; "
        "no more revenue to be released: 10.00 USD are beyond the fund's price."
    )
    assert Reasons(belated={}, unreleased_minor=7).told(Currency.of("JPY")) == (
        "No more revenue to be released: 7 JPY are beyond the fund's price."
    )


def test_however_much_is_told_it_fits_into_notes() -> None:
    huge = 9_999_999_999_999_999
    belated = {f"{number:03}{'x' * 97}": -huge for number in range(250)}

    told = Reasons(belated=belated, breakage_minor=-huge, unreleased_minor=huge).told(USD)

    assert told
    assert "and more to 240 other closed periods" in told
    assert len(told) <= NOTES_LENGTH_MAX
