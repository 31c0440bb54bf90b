"""How far the books were closed at a past moment."""

from datetime import UTC, date, datetime, timedelta

from earned.domain.accounting import AccountingPeriod, PeriodChange, PeriodStatus
from earned.domain.as_of import Known

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPEN, PENDING, CLOSED = PeriodStatus.OPEN, PeriodStatus.PENDING_CLOSE, PeriodStatus.CLOSED


def period(name: str, start: date | None, end: date | None, made: datetime) -> AccountingPeriod:
    return AccountingPeriod(
        id=name,
        entity_id="e",
        name=name,
        start_date=start,
        end_date=end,
        fiscal_year=2026,
        created_by="u",
        created_at=made,
        updated_by="u",
        updated_at=made,
    )


JAN = period("Jan", date(2026, 1, 1), date(2026, 1, 31), NOON)
FEB = period("Feb", date(2026, 2, 1), date(2026, 2, 28), NOON)
LATER = period("Mar", date(2026, 3, 1), date(2026, 3, 31), NOON + timedelta(9))
REST = period("Open-Ended", None, None, NOON + timedelta(99))


def change(name: str, status: PeriodStatus, day: int) -> PeriodChange:
    at = NOON + timedelta(day)
    return PeriodChange(
        id=f"{name}{day}", entity_id="e", period_id=name, status=status, at=at, actor="u"
    )


HISTORY = (
    change("Jan", PENDING, 1),
    change("Jan", CLOSED, 2),
    change("Feb", PENDING, 3),
    change("Feb", CLOSED, 4),
    change("Feb", OPEN, 5),
    change("Jan", OPEN, 6),
)


def closed(day: int | None) -> list[str]:
    """Name the periods that were closed at the end of a day."""
    at = None if day is None else NOON + timedelta(day)
    known = Known.of(at, (REST, FEB, JAN), HISTORY)
    return [one.name for one in known.periods if known.is_closed(one)]


def test_nothing_is_closed_before_anything_was() -> None:
    assert closed(0) == []
    assert Known.of(None, (REST,), ()).open_from is None


def test_pending_close_is_not_closed() -> None:
    assert closed(1) == []
    assert closed(3) == ["Jan"]


def test_what_was_closed_is_closed_until_it_was_reopened() -> None:
    assert [closed(day) for day in (2, 4, 5, 6, None)] == [["Jan"], ["Jan", "Feb"], ["Jan"], [], []]


def test_the_moment_of_the_change_itself_counts() -> None:
    at = NOON + timedelta(2)

    assert Known.of(at, (REST, JAN), HISTORY).is_closed(JAN)
    assert not Known.of(at - timedelta(microseconds=1), (REST, JAN), HISTORY).is_closed(JAN)


def test_the_change_of_a_period_that_was_deleted_says_nothing() -> None:
    history = (change("Jan", CLOSED, 1), change("Feb", CLOSED, 2), change("Feb", OPEN, 3))

    known = Known.of(None, (REST, JAN), history)
    assert known.open_from == date(2026, 2, 1)
    assert known.is_closed(JAN)


def test_a_period_made_later_was_not_there_and_open_ended_always_is() -> None:
    known = Known.of(NOON + timedelta(8), (REST, LATER, FEB, JAN), HISTORY)

    assert [one.name for one in known.periods] == ["Jan", "Feb", "Open-Ended"]
