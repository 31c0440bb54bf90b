"""Accounting periods for tests, straight into the books."""

import calendar
from datetime import date

from earned.domain.accounting import AccountingPeriod, PeriodStatus
from earned.services.close_period import note_status
from earned.services.ports import Books


def define(books: Books, name: str, start: date, end: date) -> AccountingPeriod:
    """Define an open period; both days are in it."""
    return books.periods.add(
        AccountingPeriod(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name=name,
            start_date=start,
            end_date=end,
            fiscal_year=start.year,
            **books.stamp(),
        )
    )


def define_months(books: Books, year: int, *months: int) -> list[AccountingPeriod]:
    """Define months by the names of the samples: `Jan'2013`."""
    return [
        define(
            books,
            f"{calendar.month_abbr[month]}'{year}",
            date(year, month, 1),
            date(year, month, calendar.monthrange(year, month)[1]),
        )
        for month in months
    ]


def close(books: Books, name: str) -> None:
    """Close a period, without the conditions of a close."""
    _change(books, name, PeriodStatus.CLOSED)


def reopen(books: Books, name: str) -> None:
    """Open a closed period again."""
    _change(books, name, PeriodStatus.OPEN)


def _change(books: Books, name: str, status: PeriodStatus) -> None:
    period = books.periods.find(name=name)
    assert period
    note_status(books, period.id, status)
    books.periods.change(period, status=status)
