"""Accounting periods as values, for tests of rules. A period's id is its name."""

from datetime import UTC, date, datetime, timedelta

from earned.domain.accounting import OPEN_ENDED, AccountingPeriod, PeriodStatus
from earned.domain.calendar import add_months

STAMP = datetime(2024, 1, 1, tzinfo=UTC)


def period(name: str, start: date | None, end: date | None, *, closed: bool) -> AccountingPeriod:
    return AccountingPeriod(
        id=name,
        entity_id="entity",
        name=name,
        start_date=start,
        end_date=end,
        fiscal_year=None,
        status=PeriodStatus.CLOSED if closed else PeriodStatus.OPEN,
        created_by="",
        created_at=STAMP,
        updated_by="",
        updated_at=STAMP,
    )


def months(first: date, count: int, closed: int = 0) -> list[AccountingPeriod]:
    """Make `count` monthly periods, the first `closed` of them closed, and Open-Ended."""
    starts = [add_months(first, at) for at in range(count)]
    made = [
        period(f"{at + 1}", start, add_months(start, 1) - timedelta(1), closed=at < closed)
        for at, start in enumerate(starts)
    ]
    return [*made, period(OPEN_ENDED, None, None, closed=False)]
