"""Days, months and instants (U 1.1, 2.3, 2.5)."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.calendar import (
    Days,
    add_months,
    day_of,
    in_zone,
    joined,
    parse_day,
    parse_instant,
)
from earned.domain.errors import Invalid

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def test_a_range_has_its_first_day_and_not_its_last() -> None:
    january = Days(date(2026, 1, 1), date(2026, 2, 1))

    assert date(2026, 1, 1) in january
    assert date(2026, 1, 31) in january
    assert date(2026, 2, 1) not in january
    assert len(january) == 31


def test_ranges_that_touch_are_one() -> None:
    def days(first: int, after: int) -> Days:
        return Days(date(2026, 1, first), date(2026, 1, after))

    assert joined([days(5, 7), days(1, 3), days(3, 4), days(6, 9), days(20, 21), days(7, 8)]) == [
        days(1, 4),
        days(5, 9),
        days(20, 21),
    ]


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (1, "2025-02-28"),
        (2, "2025-03-31"),
        (13, "2026-02-28"),
        (-1, "2024-12-31"),
        (37, "2028-02-29"),
    ],
)
def test_months_are_counted_from_the_anchor(months: int, day: str) -> None:
    assert add_months(date(2025, 1, 31), months).isoformat() == day


@given(DAYS, st.integers(-400, 400))
def test_months_move_the_month_and_keep_the_day_where_they_can(anchor: date, months: int) -> None:
    moved = add_months(anchor, months)

    assert (moved.year * 12 + moved.month) - (anchor.year * 12 + anchor.month) == months
    assert moved.day == anchor.day or (moved + timedelta(1)).day == 1


def test_u_34_the_zone_decides_the_day() -> None:
    instant = parse_instant("2024-01-31T23:30:00-08:00", SHANGHAI)

    assert instant
    assert day_of(instant, SHANGHAI) == date(2024, 2, 1)
    assert day_of(instant, ZoneInfo("America/Los_Angeles")) == date(2024, 1, 31)


def test_u_34_times_are_returned_in_the_zone() -> None:
    instant = parse_instant("2017-12-01T16:41:36.000+01:00", SHANGHAI)

    assert instant
    assert in_zone(instant, SHANGHAI) == "2017-12-01T23:41:36.000+08:00"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-10", "2026-01-10T05:00:00+00:00"),
        ("2026-07-10", "2026-07-10T04:00:00+00:00"),
        ("2026-01-10T10:00:00", "2026-01-10T15:00:00+00:00"),
        ("2026-01-10T10:00:00Z", "2026-01-10T10:00:00+00:00"),
        ("2026-01-10T10:00:00.5+0100", "2026-01-10T09:00:00.500000+00:00"),
        ("2026-01-10T10:00:00.123456789", "2026-01-10T15:00:00.123456+00:00"),
        ("2026-01-10 10:00", "2026-01-10T15:00:00+00:00"),
    ],
)
def test_an_instant_without_an_offset_is_in_the_zone(text: str, utc: str) -> None:
    instant = parse_instant(text, NEW_YORK)

    assert instant
    assert instant.isoformat() == utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-02-30",
        "2026-13-01T00:00:00",
        "2026-01-10T25:00:00",
        "2026-01-10T10:00:00.1234567890+01:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "２026-01-10",
        "2026-01-10x10:00:00Z",
        "2026-01-10510:00:00Z",
        "2026-01-10T10:00:00.Z",
    ],
)
def test_what_is_no_instant_is_none(text: str) -> None:
    assert parse_instant(text, ZoneInfo("UTC")) is None


@given(st.integers(0, 4 * 10**9), st.integers(-14 * 60, 14 * 60))
def test_an_instant_written_with_its_offset_is_read_back(seconds: int, minutes: int) -> None:
    written = datetime.fromtimestamp(seconds, timezone(timedelta(minutes=minutes)))

    assert parse_instant(written.isoformat(), SHANGHAI) == written.astimezone(UTC)


def test_a_day_is_written_one_way() -> None:
    assert parse_day("2024-02-29", "orderDate") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "value", ["2023-02-29", "20240229", "2024-2-9", "2024-W09-4", "29.02.2024", "", None, 1]
)
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(Invalid, match="'orderDate' value should be in yyyy-mm-dd format"):
        parse_day(value, "orderDate")
