"""What is due, less what was billed: periods of a price, and totals of usage (U 2.4, 2.16)."""

from datetime import date
from decimal import Decimal

from earned.domain.calendar import Days
from earned.domain.due import (
    Asked,
    Billed,
    ByHand,
    Difference,
    Hands,
    differences,
    rated_difference,
)

MONTHS = [Days(date(2022, at, 1), date(2022, at + 1, 1)) for at in range(1, 5)]
ASKED = [Asked(month, month.start, 1000) for month in MONTHS]
MARCH = date(2022, 3, 15)


def billed(*amounts: int) -> list[Billed]:
    return [Billed(month.start, amount) for month, amount in zip(MONTHS, amounts, strict=False)]


def by_hand(start: date, end: date, minor: int) -> Hands:
    return Hands([ByHand(Days(start, end), minor)])


def found(*args: object, **more: object) -> list[tuple[int, int]]:
    """Return month and amount of each difference."""
    made = differences(*args, **more)  # type: ignore[arg-type]
    return [(one.service.start.month, one.amount_minor) for one in made]


def test_what_is_due_by_the_target_is_billed_once() -> None:
    assert found(ASKED, [], MARCH, Hands()) == [(1, 1000), (2, 1000), (3, 1000)]
    assert found(ASKED, billed(1000, 1000), MARCH, Hands()) == [(3, 1000)]
    assert found(ASKED, billed(1000, 1000, 1000), MARCH, Hands()) == []


def test_what_was_billed_ahead_of_the_target_holds() -> None:
    assert found(ASKED, billed(1000, 1000, 1000, 1000), MARCH, Hands()) == []


def test_a_period_whose_document_was_canceled_is_due_again() -> None:
    assert found(ASKED, [Billed(MONTHS[1].start, 1000)], MARCH, Hands()) == [(1, 1000), (3, 1000)]


def test_a_credit_comes_off_the_last_periods() -> None:
    # Of 40.00, of which four months were billed, 5.00 are left to pay for.
    assert found(ASKED, billed(1000, 1000, 1000, 1000), MARCH, Hands(), 500) == [
        (1, -500),
        (2, -1000),
        (3, -1000),
        (4, -1000),
    ]
    # What was not billed yet is not billed any more, before anything is credited.
    assert found(ASKED, billed(1000, 1000), MARCH, Hands(), 1500) == [(2, -500)]
    assert found(ASKED, [], MARCH, Hands(), 0) == []


def test_a_credit_that_is_undone_is_billed_again() -> None:
    credited = [*billed(1000, 1000), Billed(MONTHS[1].start, -500)]

    assert found(ASKED, credited, date(2022, 2, 1), Hands()) == [(2, 500)]


def test_a_changed_price_is_billed_as_the_difference() -> None:
    dearer = [Asked(month, month.start, 1200) for month in MONTHS[:2]]

    assert found(dearer, billed(1000, 1000), MARCH, Hands()) == [(1, 200), (2, 200)]


def test_what_is_asked_for_no_more_is_credited() -> None:
    assert found(ASKED[:1], billed(1000, 1000), MARCH, Hands()) == [(2, -1000)]


def test_a_credit_is_for_the_days_that_are_asked_for_no_more() -> None:
    january, cut = MONTHS[0], date(2022, 1, 15)
    was = [Billed(month.start, 1000, end=month.end) for month in MONTHS[:2]]
    now = [Asked(Days(january.start, cut), january.start, 452, whole=january)]

    credited = differences(now, was, MARCH, Hands())

    assert credited == [
        Difference(Days(cut, january.end), -548),
        Difference(MONTHS[1], -1000),
    ]
    memo = [Billed(one.service.start, one.amount_minor, end=one.service.end) for one in credited]
    assert differences(now, [*was, *memo], MARCH, Hands()) == []
    # What is asked for again is billed again.
    assert found(ASKED, [*was, *memo], date(2022, 2, 1), Hands()) == [(1, 548), (2, 1000)]


def test_an_invoice_by_hand_bills_its_days() -> None:
    quarter = by_hand(date(2022, 1, 1), date(2022, 4, 1), 2500)
    assert found(ASKED, [], MARCH, quarter) == [(3, 500)]
    # It is not credited where it was for more.
    much = by_hand(date(2022, 1, 1), date(2022, 2, 1), 9000)
    assert found(ASKED, [], MARCH, much) == [(2, 1000), (3, 1000)]


def test_u_41_usage_is_billed_by_totals() -> None:
    january, start = MONTHS[0], MONTHS[0].start
    before = [Billed(start, 90000, Decimal(90))]
    late = rated_difference(january, Decimal(110), 99000, before, Hands())
    assert late == Difference(january, 9000, Decimal(20))
    less = rated_difference(january, Decimal(110), 88000, before, Hands())
    assert less == Difference(january, -2000, Decimal(20))
    assert rated_difference(january, Decimal(90), 90000, before, Hands()) is None
    assert rated_difference(january, Decimal(-3), 0, [], Hands()) is None
    free = rated_difference(january, Decimal(9), 0, [], Hands())
    assert free == Difference(january, 0, Decimal(9))
