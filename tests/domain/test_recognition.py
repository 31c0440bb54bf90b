"""The formulas of recognition with the worked numbers of the dossier, and what always holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accounting import OPEN_ENDED, AccountingPeriod
from earned.domain.calendar import Days
from earned.domain.money import Currency, major, parse_amount
from earned.domain.recognition import (
    Method,
    Rounding,
    Spread,
    amounts_by_formula,
    changes,
    half_up,
    on_day,
    share_of_new_period,
    slots_for_new_period,
    truncated,
)
from tests.calendars import months, period

JANUARY_15, APRIL_14 = date(2024, 1, 15), date(2024, 4, 14)
THREE_MONTHS = Spread(start=JANUARY_15, end=APRIL_14)
LEADING = Rounding.LEADING


def lies(
    text: str,
    spread: Spread,
    periods: Sequence[AccountingPeriod],
    currency: str = "USD",
    held: dict[str, int] | None = None,
) -> list[str]:
    """Spread an amount in major units; return what each period holds, Open-Ended last."""
    coin = Currency.of(currency)
    amounts = amounts_by_formula(parse_amount(text, coin, ""), spread, periods, held or {})
    assert [*amounts] == [one.id for one in periods]
    return [str(major(minor, coin)) for minor in amounts.values()]


FOUR = months(date(2024, 1, 1), 4)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Method.FRONT_LOAD, ["100.00", "100.00", "100.00", "0.00", "0.00"]),
        (Method.BACK_LOAD, ["0.00", "100.00", "100.00", "100.00", "0.00"]),
        (Method.BY_DAYS, ["54.74", "100.00", "100.00", "45.26", "0.00"]),
    ],
)
@pytest.mark.parametrize("year", [2023, 2024])
def test_r_t18_three_hundred_over_three_months_by_the_month(
    method: Method, expected: list[str], year: int
) -> None:
    spread = Spread(start=date(year, 1, 15), end=date(year, 4, 14), method=method)

    assert lies("300", spread, months(date(year, 1, 1), 4)) == expected


def test_leading_rounding_gives_the_rest_to_the_first_month() -> None:
    spread = Spread(start=JANUARY_15, end=APRIL_14, method=Method.BY_DAYS, rounding=LEADING)

    assert lies("300", spread, FOUR) == ["54.92", "100.00", "100.00", "45.08", "0.00"]


def test_r_t20_three_hundred_over_91_days_daily() -> None:
    assert lies("300", THREE_MONTHS, FOUR) == ["55.93", "95.41", "101.99", "46.67", "0.00"]


@pytest.mark.parametrize(
    ("code", "amount", "spread", "expected"),
    [
        # 300 / 91 days is 3.2967, cut off to 3.25; 295.75 of it are days, 4.25 are left.
        ("CHF", "300", {}, ["55.25", "94.25", "100.75", "49.75", "0.00"]),
        ("CHF", "300", {"rounding": LEADING}, ["59.50", "94.25", "100.75", "45.50", "0.00"]),
        ("CHF", "-300", {}, ["-55.25", "-94.25", "-100.75", "-49.75", "0.00"]),
        # An amount that somebody made needs to be no multiple.
        ("CHF", "300.03", {}, ["55.25", "94.25", "100.75", "49.78", "0.00"]),
        # 100 / 31 days of the two partial months is 3.2258, cut off to 3.20.
        ("CHF", "300", {"method": Method.BY_DAYS}, ["54.40", "100.00", "100.00", "45.60", "0.00"]),
        ("CHF", "100", {"method": Method.FRONT_LOAD}, ["33.30", "33.30", "33.40", "0.00", "0.00"]),
    ],
)
def test_units_are_cut_off_to_the_increment_of_the_currency(
    code: str, amount: str, spread: dict[str, Any], expected: list[str]
) -> None:
    in_steps = Currency.of(code, increment_minor=5)

    assert lies(amount, replace(THREE_MONTHS, **spread).in_currency(in_steps), FOUR) == expected


def test_terms_of_no_whole_months_are_cut_off_to_the_increment() -> None:
    spread = Spread(start=JANUARY_15, end=date(2024, 4, 20), method=Method.BY_DAYS)
    in_steps = spread.in_currency(Currency.of("CHF", increment_minor=5))

    assert lies("300", in_steps, FOUR) == ["51.15", "93.30", "93.30", "62.25", "0.00"]


def test_leading_rounding_gives_the_rest_to_the_first_days() -> None:
    spread = Spread(start=JANUARY_15, end=APRIL_14, rounding=LEADING)

    assert lies("300", spread, FOUR) == ["56.54", "95.41", "101.99", "46.06", "0.00"]


HALF_UP = Rounding.HALF_UP


@pytest.mark.parametrize(
    ("code", "amount", "spread", "expected"),
    [
        # 17, 29, 31 and 14 of 91 days: 56.0439..., 95.6043..., 102.1978... and what is left.
        ("USD", "300", {}, ["56.04", "95.60", "102.20", "46.16", "0.00"]),
        ("USD", "-300", {}, ["-56.04", "-95.60", "-102.20", "-46.16", "0.00"]),
        ("JPY", "100", {}, ["19", "32", "34", "15", "0"]),
        ("KWD", "1.000", {}, ["0.187", "0.319", "0.341", "0.153", "0.000"]),
        # What is rounded up is never more than there is: 0.93, 1.59, 1.70 and 0.77 cents.
        ("USD", "0.05", {}, ["0.01", "0.02", "0.02", "0.00", "0.00"]),
        ("USD", "0.01", {}, ["0.00", "0.00", "0.00", "0.01", "0.00"]),
        ("USD", "300", {"method": Method.BY_DAYS}, ["54.84", "100.00", "100.00", "45.16", "0.00"]),
        ("USD", "200", {"method": Method.FRONT_LOAD}, ["66.67", "66.67", "66.66", "0.00", "0.00"]),
        ("USD", "200", {"method": Method.BACK_LOAD}, ["0.00", "66.67", "66.67", "66.66", "0.00"]),
        (
            "USD",
            "300",
            {"method": Method.BY_DAYS, "end": date(2024, 4, 20)},
            ["51.17", "93.31", "93.31", "62.21", "0.00"],
        ),
    ],
)
def test_each_period_may_be_rounded_half_up(
    code: str, amount: str, spread: dict[str, Any], expected: list[str]
) -> None:
    assert lies(amount, replace(THREE_MONTHS, rounding=HALF_UP, **spread), FOUR, code) == expected


def test_each_period_is_rounded_half_up_to_the_increment() -> None:
    in_steps = replace(THREE_MONTHS, rounding=HALF_UP, increment_minor=5)

    assert lies("300", in_steps, FOUR, "CHF") == ["56.05", "95.60", "102.20", "46.15", "0.00"]


def test_a_year_daily_half_up_comes_close_in_each_month() -> None:
    """February is 92.05 as exact arithmetic has it, where cut off units make it 91.84."""
    spread = Spread(start=date(2014, 1, 1), end=date(2014, 12, 31), rounding=HALF_UP)

    assert lies("1200", spread, months(date(2014, 1, 1), 12)) == [
        *("101.92", "92.05", "101.92", "98.63", "101.92", "98.63", "101.92", "101.92"),
        *("98.63", "101.92", "98.63", "101.91", "0.00"),
    ]


def test_a_year_daily_in_2014() -> None:
    spread = Spread(start=date(2014, 1, 1), end=date(2014, 12, 31))

    assert lies("1200", spread, months(date(2014, 1, 1), 12)) == [
        *("101.68", "91.84", "101.68", "98.40", "101.68", "98.40", "101.68", "101.68"),
        *("98.40", "101.68", "98.40", "104.48", "0.00"),
    ]


@pytest.mark.parametrize("method", [Method.FRONT_LOAD, Method.BACK_LOAD, Method.BY_DAYS])
def test_a_calendar_year_by_the_month(method: Method) -> None:
    spread = Spread(start=date(2026, 1, 1), end=date(2026, 12, 31), method=method)

    expected = [*["83.33"] * 11, "83.37", "0.00"]
    assert lies("1000", spread, months(date(2026, 1, 1), 12)) == expected


@pytest.mark.parametrize("method", [Method.FRONT_LOAD, Method.BACK_LOAD, Method.BY_DAYS])
def test_r_t22_two_months_are_recognised_daily(method: Method) -> None:
    two_months = Spread(start=date(2024, 1, 1), end=date(2024, 2, 29), method=method)

    assert lies("300", two_months, FOUR) == ["155.00", "145.00", "0.00", "0.00", "0.00"]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        # One day less than three months: 90 days at 3.33.
        (date(2024, 4, 13), ["56.61", "96.57", "103.23", "43.59", "0.00"]),
        (APRIL_14, ["100.00", "100.00", "100.00", "0.00", "0.00"]),
    ],
)
def test_three_months_are_enough_for_the_months(end: date, expected: list[str]) -> None:
    spread = Spread(start=JANUARY_15, end=end, method=Method.FRONT_LOAD)

    assert lies("300", spread, FOUR) == expected


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [
        ("JPY", "100000", ["34038", "31842", "34120", "0", "0"]),
        ("KWD", "100.000", ["34.038", "31.842", "34.120", "0.000", "0.000"]),
        ("CLF", "10.0000", ["3.4038", "3.1842", "3.4120", "0.0000", "0.0000"]),
    ],
)
def test_every_currency_has_its_own_decimals(
    currency: str, amount: str, expected: list[str]
) -> None:
    spread = Spread(start=date(2024, 1, 1), end=date(2024, 3, 31))

    assert lies(amount, spread, FOUR, currency) == expected


def test_r_t24_a_credit_mirrors_its_charge() -> None:
    assert lies("-300", THREE_MONTHS, FOUR) == ["-55.93", "-95.41", "-101.99", "-46.67", "0.00"]


def test_an_amount_less_than_a_cent_a_day_is_all_in_the_last_period() -> None:
    assert lies("0.05", THREE_MONTHS, FOUR) == ["0.00", "0.00", "0.00", "0.05", "0.00"]


def test_one_day_takes_it_all() -> None:
    assert lies("99.99", on_day(date(2024, 2, 29)), FOUR) == [
        *("0.00", "99.99", "0.00", "0.00", "0.00")
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 3, 1), ["0.00", "0.00", "50.00", "0.00", "0.00"]),
        (date(2024, 1, 31), ["0.00", "0.00", "50.00", "0.00", "0.00"]),
        (date(2023, 12, 31), ["0.00", "0.00", "50.00", "0.00", "0.00"]),
        (date(2024, 5, 1), ["0.00", "0.00", "0.00", "0.00", "50.00"]),
    ],
)
def test_the_day_of_an_invoice_is_in_a_period_or_the_next_open_one(
    day: date, expected: list[str]
) -> None:
    assert lies("50", on_day(day), months(date(2024, 1, 1), 4, closed=2)) == expected


def test_r_t25_what_is_for_closed_periods_goes_to_the_next_open_one() -> None:
    periods = months(date(2024, 1, 1), 4, closed=2)

    assert lies("300", THREE_MONTHS, periods) == ["0.00", "0.00", "253.33", "46.67", "0.00"]


def test_where_no_period_is_open_it_waits_in_open_ended() -> None:
    periods = months(date(2024, 1, 1), 4, closed=4)

    assert lies("300", THREE_MONTHS, periods) == ["0.00", "0.00", "0.00", "0.00", "300.00"]


def test_a_closed_period_keeps_what_it_holds() -> None:
    """January was closed with 100.00 in it: 44.07 more than the formula says, which February pays.

    What lay in May is outside the term, and is spread with the rest.
    """
    periods = months(date(2024, 1, 1), 5, closed=1)
    held = {"1": 10000, "5": 20000}

    assert lies("300", THREE_MONTHS, periods, held=held) == [
        *("100.00", "51.34", "101.99", "46.67", "0.00", "0.00")
    ]


def test_days_after_the_last_period_wait_in_open_ended() -> None:
    periods = months(date(2024, 1, 1), 2)

    assert lies("300", THREE_MONTHS, periods) == ["55.93", "95.41", "148.66"]


def test_without_periods_all_of_it_waits() -> None:
    assert lies("300", THREE_MONTHS, months(date(2024, 1, 1), 0)) == ["300.00"]


def test_days_before_the_first_period_go_to_the_first_that_is_open() -> None:
    periods = months(date(2024, 2, 1), 3)

    assert lies("300", THREE_MONTHS, periods) == ["151.34", "101.99", "46.67", "0.00"]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # January to March and 14 of the 30 days of April are 3.4666... months.
        (Method.BY_DAYS, ["86.53", "86.53", "86.53", "40.41", "0.00"]),
        (Method.FRONT_LOAD, ["86.53", "86.53", "86.53", "40.41", "0.00"]),
        (Method.BACK_LOAD, ["86.53", "86.53", "86.53", "40.41", "0.00"]),
    ],
)
def test_one_partial_month_is_weighed_by_its_days(method: Method, expected: list[str]) -> None:
    spread = Spread(start=date(2024, 1, 1), end=APRIL_14, method=method)

    assert lies("300", spread, FOUR) == expected


@pytest.mark.parametrize(
    ("method", "rounding", "expected"),
    [
        # 17 of 31 days, two months, and 20 of 30 days are 3.2150... months.
        (Method.BY_DAYS, Rounding.TRAILING, ["51.17", "93.31", "93.31", "62.21", "0.00"]),
        (Method.BY_DAYS, Rounding.LEADING, ["51.18", "93.31", "93.31", "62.20", "0.00"]),
        (Method.FRONT_LOAD, Rounding.TRAILING, ["113.37", "93.31", "93.32", "0.00", "0.00"]),
        (Method.FRONT_LOAD, Rounding.LEADING, ["113.38", "93.31", "93.31", "0.00", "0.00"]),
        (Method.BACK_LOAD, Rounding.TRAILING, ["0.00", "93.31", "93.31", "113.38", "0.00"]),
        (Method.BACK_LOAD, Rounding.LEADING, ["0.00", "93.32", "93.31", "113.37", "0.00"]),
    ],
)
def test_two_partial_months_of_no_whole_month_are_weighed_and_then_loaded(
    method: Method, rounding: Rounding, expected: list[str]
) -> None:
    spread = Spread(start=JANUARY_15, end=date(2024, 4, 20), method=method, rounding=rounding)

    assert lies("300", spread, FOUR) == expected


def test_the_rest_goes_to_a_month_that_has_a_share() -> None:
    front = Spread(start=JANUARY_15, end=APRIL_14, method=Method.FRONT_LOAD)
    back = Spread(start=JANUARY_15, end=APRIL_14, method=Method.BACK_LOAD, rounding=LEADING)

    assert lies("100", front, FOUR) == ["33.33", "33.33", "33.34", "0.00", "0.00"]
    assert lies("100", back, FOUR) == ["0.00", "33.34", "33.33", "33.33", "0.00"]


def test_a_term_that_starts_at_the_end_of_a_month_has_whole_months() -> None:
    """The three months after January 31 end before April 30."""
    spread = Spread(start=date(2024, 1, 31), end=date(2024, 4, 29), method=Method.BY_DAYS)

    # 100.00 is shared by 1 + 29 days at 3.33; the last gets 0.10 more.
    assert lies("300", spread, FOUR) == ["3.33", "100.00", "100.00", "96.67", "0.00"]


def test_a_period_may_span_months() -> None:
    quarter = [
        period("Q1", date(2024, 1, 1), date(2024, 3, 31), closed=False),
        period("Q2", date(2024, 4, 1), date(2024, 6, 30), closed=False),
        period(OPEN_ENDED, None, None, closed=False),
    ]
    spread = Spread(start=JANUARY_15, end=APRIL_14, method=Method.BY_DAYS)

    assert lies("300", spread, quarter) == ["254.74", "45.26", "0.00"]
    assert lies("300", THREE_MONTHS, quarter) == ["253.33", "46.67", "0.00"]


def test_a_month_cut_by_a_period_belongs_to_that_of_its_last_day() -> None:
    halves = [
        period("Early", date(2024, 1, 1), date(2024, 2, 15), closed=False),
        period("Late", date(2024, 2, 16), date(2024, 4, 14), closed=False),
        period(OPEN_ENDED, None, None, closed=False),
    ]
    spread = Spread(start=JANUARY_15, end=APRIL_14, method=Method.BY_DAYS)

    assert lies("300", spread, halves) == ["54.74", "245.26", "0.00"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 1, 1), ["55.93", "95.41", "101.99", "46.67", "0.00"]),
        (date(2024, 3, 31), ["0.00", "0.00", "253.33", "46.67", "0.00"]),
        (date(2024, 6, 1), ["0.00", "0.00", "0.00", "0.00", "300.00"]),
    ],
)
def test_nothing_is_recognised_before_the_transaction(day: date, expected: list[str]) -> None:
    spread = Spread(start=JANUARY_15, end=APRIL_14, not_before=day)

    assert lies("300", spread, FOUR) == expected


def test_changes_are_what_is_to_be_added() -> None:
    assert changes({"1": 50, "2": 0, "3": 7}, {"1": 20, "2": 30, "3": 7}) == {"1": 30, "2": -30}


@pytest.mark.parametrize(("dividend", "quotient"), [(7, 2), (-7, -2), (6, 2), (0, 0)])
def test_division_is_toward_zero(dividend: int, quotient: int) -> None:
    assert truncated(dividend, 3) == quotient


@pytest.mark.parametrize(
    ("dividend", "increment", "quotient"),
    [
        (7, 1, 2),
        (9, 1, 2),
        (10, 1, 3),
        (-10, 1, -3),
        (-9, 1, -2),
        (0, 1, 0),
        (49, 5, 10),
        (9, 5, 0),
    ],
)
def test_halves_go_away_from_zero(dividend: int, increment: int, quotient: int) -> None:
    assert half_up(dividend, 4, increment) == quotient


CURRENCIES = ("JPY", "USD", "KWD", "CLF")
amounts = st.integers(-(10**9), 10**9)


@st.composite
def spreads(draw: st.DrawFn) -> Spread:
    start = draw(st.dates(date(2023, 6, 1), date(2025, 12, 31)))
    return Spread(
        start=start,
        end=start + timedelta(draw(st.integers(0, 800))),
        method=draw(st.sampled_from(Method)),
        rounding=draw(st.sampled_from(Rounding)),
        not_before=draw(st.none() | st.dates(date(2023, 1, 1), date(2027, 1, 1))),
    )


@st.composite
def calendars(draw: st.DrawFn) -> list[AccountingPeriod]:
    """Draw monthly periods, or of any length, the first of them closed."""
    count = draw(st.integers(0, 30))
    closed = draw(st.integers(0, count))
    if draw(st.booleans()):
        return months(date(2024, 1, 1), count, closed)
    lengths = draw(st.lists(st.integers(1, 120), min_size=count, max_size=count))
    made, start = [], date(2024, 1, 1)
    for at, length in enumerate(lengths):
        end = start + timedelta(length)
        made.append(period(f"{at}", start, end - timedelta(1), closed=at < closed))
        start = end
    return [*made, period(OPEN_ENDED, None, None, closed=False)]


@given(amounts, spreads(), calendars(), st.lists(amounts, max_size=31))
def test_the_amounts_add_up_and_closed_periods_keep_theirs(
    minor: int, spread: Spread, periods: list[AccountingPeriod], before: list[int]
) -> None:
    held = {one.id: amount for one, amount in zip(periods, before, strict=False)}
    held[OPEN_ENDED] = minor - sum(a for p, a in held.items() if p != OPEN_ENDED)

    new = amounts_by_formula(minor, spread, periods, held)

    assert sum(new.values()) == minor
    assert all(new[one.id] == held.get(one.id, 0) for one in periods if one.is_closed)
    assert sum(changes(new, held).values()) == 0
    assert amounts_by_formula(minor, spread, periods, new) == new


@given(amounts, spreads(), calendars())
def test_a_credit_is_the_mirror_of_its_charge(
    minor: int, spread: Spread, periods: list[AccountingPeriod]
) -> None:
    credit = amounts_by_formula(-minor, spread, periods, {})

    charge = amounts_by_formula(minor, spread, periods, {})
    assert credit == {period_id: -amount for period_id, amount in charge.items()}


@given(amounts, spreads(), calendars(), st.sampled_from(CURRENCIES))
def test_every_amount_is_one_of_the_currency(
    minor: int, spread: Spread, periods: list[AccountingPeriod], code: str
) -> None:
    coin = Currency.of(code)

    parts = amounts_by_formula(minor, spread, periods, {}).values()

    printed = [major(part, coin) for part in parts]
    assert all(-part.as_tuple().exponent == coin.scale for part in printed)  # type: ignore[operator]
    assert sum(printed) == major(minor, coin) == Decimal(minor).scaleb(-coin.scale)


@given(amounts, spreads(), calendars())
def test_no_period_has_the_other_sign(
    minor: int, spread: Spread, periods: list[AccountingPeriod]
) -> None:
    parts = amounts_by_formula(minor, spread, periods, {}).values()

    assert all(part * minor >= 0 for part in parts)


@given(amounts, spreads(), st.integers(0, 36), st.integers(0, 36))
def test_period_by_period_comes_to_the_same_as_all_at_once(
    minor: int, spread: Spread, known: int, closed: int
) -> None:
    """New periods take their shares (F10) until they hold what the formula gives all of them."""
    count, first = 36, date(2024, 1, 1)
    every = months(first, count)
    closed = min(closed, known)
    held = dict(amounts_by_formula(minor, spread, months(first, known, closed), {}))

    for place, one in enumerate(every[known:count], known + 1):
        defined = [*every[:place], every[-1]]
        slots = slots_for_new_period(spread.rounding, one, defined)
        share = share_of_new_period(minor, spread, slots, held[OPEN_ENDED])
        held[one.id] = share
        held[OPEN_ENDED] -= share

    assert held == amounts_by_formula(minor, spread, months(first, count, closed), {})


def test_a_new_period_never_takes_more_than_open_ended_has() -> None:
    """By hand, 250.00 of 300.00 was put into January: what comes after waits until it is due."""
    spread = Spread(start=date(2024, 1, 1), end=date(2024, 3, 30))
    february, march = (slots_for_new_period(spread.rounding, one, FOUR) for one in FOUR[1:3])

    assert share_of_new_period(30000, spread, february, 5000) == 0
    assert share_of_new_period(30000, spread, march, 5000) == 5000
    assert share_of_new_period(-30000, spread, february, -5000) == 0
    assert share_of_new_period(-30000, spread, march, -5000) == -5000
    assert share_of_new_period(30000, spread, march, 0) == 0
    assert share_of_new_period(30000, spread, march, -100) == -100


def test_a_term_has_its_first_and_last_day() -> None:
    assert THREE_MONTHS.term == Days(JANUARY_15, date(2024, 4, 15))
