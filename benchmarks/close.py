"""Closing a month with many revenue schedules, and its journal run, beside raw inserts.

Twice: once with all of January yet to be collected, so that the close writes all there is to write;
once with everything collected, where a close writes little but still reads the whole month: its
limit is an insert of as many revenue items as January has schedules.
"""

from benchmarks.again import Step, compare
from benchmarks.due_month import JANUARY, prepare
from benchmarks.journal import learn, writing
from benchmarks.schedules import COLLECTED_ROWS
from benchmarks.servers import database
from benchmarks.sold_books import opened
from earned.bootstrap.application import Application
from earned.domain.posting import TransactionType
from earned.services.close_period import close_period
from earned.services.collect_revenue import collect_revenue
from earned.services.ports import Books
from earned.services.run_journal import RunJournal, run_journal

_LINKS = {"posted_source": "SELECT * FROM posted_source WHERE entry_id > :mark"}
_IN_FEBRUARY = {
    "revenue_item": """SELECT item.schedule_id, february.id, item.entity_id, item.amount_minor,
    item.custom_fields FROM revenue_item AS item
    JOIN accounting_period AS january ON january.id = item.period_id
    CROSS JOIN accounting_period AS february
    WHERE january.name = 'Jan''2026' AND february.name = 'Feb''2026'
    ORDER BY item.schedule_id"""
}


def measure(kind: str, schedules: int, rounds: int) -> None:
    """Close the month of a database with so many schedules, in copies of it; print the ratios."""
    with database(kind) as url:
        prepare(url, schedules)
        full = Step("close that collects", close, schedules, "schedules", COLLECTED_ROWS)
        run = Step("journal run", journal, schedules, "lines", _LINKS)
        compare(kind, url, rounds, [full, run])
        with opened(url) as application:
            with writing(application) as books:
                collect_revenue(books)
            learn(application)
        rest = Step("close after collecting", close, schedules, "schedules", _IN_FEBRUARY)
        compare(kind, url, rounds, [rest])


def close(application: Application) -> None:
    """Close January."""
    with writing(application) as books:
        close_period(books, _january(books))


def journal(application: Application) -> None:
    """Run January's journal."""
    command = RunJournal(
        transaction_types=[TransactionType.REVENUE_EVENT_ITEM], accounting_period_name=JANUARY
    )
    with writing(application) as books:
        run_journal(books, command)


def _january(books: Books) -> str:
    found = books.periods.find(name=JANUARY)
    assert found
    return found.id
