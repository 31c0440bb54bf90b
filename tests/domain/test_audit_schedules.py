"""A closed period does not change while it is closed, whatever became of it since."""

from datetime import UTC, datetime

from earned.domain.accounting import AccountingPeriod, PeriodChange, PeriodStatus
from earned.domain.audit_schedules import Change, check_closed, check_status, closures_of
from earned.domain.schedule import Distribution, DistributionItem

OPEN, PENDING, CLOSED = PeriodStatus.OPEN, PeriodStatus.PENDING_CLOSE, PeriodStatus.CLOSED


def at(day: int) -> datetime:
    return datetime(2026, 2, day, 12, tzinfo=UTC)


def stamps(day: int) -> dict[str, object]:
    return {
        "created_by": "u",
        "created_at": at(day),
        "updated_by": "u",
        "updated_at": at(day),
    }


def period(status: PeriodStatus) -> AccountingPeriod:
    facts: dict[str, object] = {"start_date": at(1).date(), "end_date": at(28).date()}
    return AccountingPeriod(
        id="p",
        entity_id="e",
        name="Feb",
        fiscal_year=2026,
        status=status,
        **facts,  # type: ignore[arg-type]
        **stamps(1),  # type: ignore[arg-type]
    )


def history(*statuses: PeriodStatus) -> list[PeriodChange]:
    """Return changes on the 2nd, 4th, 6th and so on."""
    return [
        PeriodChange(id="c", entity_id="e", period_id="p", status=one, at=at(2 * place), actor="u")
        for place, one in enumerate(statuses, 1)
    ]


def changed_on(day: int) -> Change:
    made = Distribution(
        id="d",
        entity_id="e",
        number="RE-1",
        schedule_id="s",
        event_type="x",
        event_type_system_id="x__z",
        **stamps(day),  # type: ignore[arg-type]
    )
    item = DistributionItem(distribution_id="d", period_id="p", entity_id="e", amount_minor=7)
    return Change(made, [item])


def broken_on(day: int, *statuses: PeriodStatus) -> bool:
    closures = {"p": closures_of(period(statuses[-1]), history(*statuses))}
    return bool(list(check_closed([changed_on(day)], closures)))


def test_what_comes_after_a_close_is_told() -> None:
    assert not broken_on(1, CLOSED)
    assert broken_on(3, CLOSED)


def test_what_comes_with_a_close_belongs_to_it() -> None:
    assert not broken_on(2, CLOSED)


def test_what_came_between_a_close_and_a_reopening_is_told_forever() -> None:
    assert [day for day in range(1, 9) if broken_on(day, CLOSED, OPEN, CLOSED)] == [3, 7, 8]


def test_pending_close_is_open() -> None:
    assert not broken_on(3, PENDING)


def test_a_status_that_nobody_gave_is_told() -> None:
    assert not list(check_status(period(OPEN), []))
    assert not list(check_status(period(CLOSED), history(PENDING, CLOSED)))
    for status, given in ((CLOSED, []), (OPEN, [CLOSED]), (CLOSED, [CLOSED, OPEN])):
        (found,) = check_status(period(status), history(*given))
        assert found.found == status.value
