"""Read the moment a report is asked for, and what was known then."""

from datetime import datetime, timedelta

from earned.domain.accounting import PeriodStatus
from earned.domain.as_of import Known
from earned.domain.calendar import DAY, WRITTEN_MAX, parse_day, parse_instant
from earned.domain.errors import Invalid
from earned.services.ports import Books

_TICK = timedelta(microseconds=1)
_DAY_LENGTH = len("yyyy-mm-dd")


def known_at(books: Books, text: str | None, field: str) -> Known:
    """Return what was known at the moment that `text` names; all there is, where it names none.

    A moment is an instant, a day (its end, in the entity's time zone), or the name of an accounting
    period: when it was last closed. Raises `Invalid`.
    """
    return known_by(books, _moment(books, text, field) if text else None)


def known_by(books: Books, at: datetime | None) -> Known:
    """Return what was known at a moment; all there is, where there is none."""
    changes = books.period_changes.list(order_by=["at", "id"])
    return Known.of(at, books.periods.list(), changes)


def _moment(books: Books, text: str, field: str) -> datetime:
    period = books.periods.find(name=text)
    if period is not None:
        closings = books.period_changes.list(
            period_id=period.id, status=PeriodStatus.CLOSED, order_by=["-at"], limit=1
        )
        if not closings:
            raise Invalid(f"'{field}': accounting period '{text}' was never closed", field=field)
        return closings[0].at
    # A plus sign of an offset is a space where a URL does not escape it.
    written = text.replace(" ", "+") if "T" in text else text
    instant = parse_instant(written, books.settings.zone, WRITTEN_MAX)
    if instant is None:
        raise Invalid(
            f"'{field}' value should be an instant, a day or the name of an accounting period",
            field=field,
        )
    if len(text) == _DAY_LENGTH:
        midnight = (parse_day(text, field) + DAY).isoformat()
        end = parse_instant(midnight, books.settings.zone)
        assert end is not None
        return end - _TICK
    return instant
