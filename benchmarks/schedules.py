"""Revenue schedules a second, where they are made or distributed in volume.

- Collecting: a January of usage becomes schedules of overage and distributions of funds.
- Posting: invoices of a thousand items get a schedule each item, spread over a year by days.
- A new accounting period takes its share of schedules whose range goes on in Open-Ended.

Beside each an insert of the very rows it wrote (`benchmarks.again`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from benchmarks import due_month
from benchmarks.again import Step, compare
from benchmarks.due_month import DEFERRED, TWELVE, chunks, define_codes, revenue_code
from benchmarks.journal import learn, new_schedule, writing
from benchmarks.servers import database
from benchmarks.sold_books import opened, scope, sell
from earned.bootstrap.application import Application
from earned.domain.accounting import AccountingPeriod
from earned.domain.billing import DocumentKind, DocumentStatus
from earned.domain.billing_rules import ITEMS_MAX
from earned.domain.recognition import Spread, amounts_by_formula
from earned.domain.recognizing import remembered
from earned.domain.scheduling import REVENUE_DISTRIBUTED
from earned.domain.subscription import RatePlanCharge
from earned.http.serve import collect_garbage_seldom
from earned.services.add_distributions import NewDistribution
from earned.services.automate_revenue import AutomateRevenue, automate_revenue
from earned.services.collect_revenue import collect_revenue
from earned.services.create_period import CreatePeriod, create_period
from earned.services.draft_document import DocumentFacts, DraftDocument, draft_document
from earned.services.draft_items import NewItem
from earned.services.open_schedule import Opening, open_together
from earned.services.ports import Books
from earned.services.post_document import PostDocument, post_document
from tests import builders
from tests.periods import define_months

_INVOICES_MAX, _SUBSCRIPTIONS = 10, 100
_NEW_YEAR = date(2026, 1, 1)
_MADE = {
    "revenue_schedule": "SELECT * FROM revenue_schedule WHERE id > :mark ORDER BY id",
    "distribution": "SELECT * FROM distribution WHERE id > :mark ORDER BY id",
    "distribution_item": """SELECT * FROM distribution_item WHERE distribution_id > :mark
    ORDER BY distribution_id""",
}
_ITEMS_MADE = "SELECT * FROM revenue_item WHERE schedule_id > :mark ORDER BY schedule_id"
POSTED_ROWS = {**_MADE, "revenue_item": _ITEMS_MADE}
COLLECTED_ROWS = {
    **_MADE,
    "revenue_item": """SELECT * FROM revenue_item WHERE schedule_id > :mark OR period_id IN
    (SELECT id FROM accounting_period WHERE name <> 'Open-Ended') ORDER BY schedule_id""",
    "collected": "SELECT * FROM collected WHERE distribution_id > :mark ORDER BY schedule_id",
}
# The first row is the new period itself, which the others refer to.
SHARED_ROWS = {
    "accounting_period": "SELECT * FROM accounting_period WHERE id > :mark",
    "distribution": _MADE["distribution"],
    "distribution_item": _MADE["distribution_item"],
    "revenue_item": "SELECT * FROM revenue_item WHERE period_id > :mark ORDER BY schedule_id",
}


def measure(kind: str, schedules: int, rounds: int) -> None:
    """Fill a database for each, do the work in copies of it, and print the ratios."""
    collect_garbage_seldom()
    with database(kind) as url:
        due_month.prepare(url, schedules)
        step = Step("collecting", collect, schedules, "schedules", COLLECTED_ROWS)
        compare(kind, url, rounds, [step])
    invoices = min(_INVOICES_MAX, schedules // ITEMS_MAX)
    with database(kind) as url:
        _draft_invoices(url, invoices)
        step = Step("posting", post, invoices * ITEMS_MAX, "schedules", POSTED_ROWS)
        compare(kind, url, rounds, [step])
    with database(kind) as url:
        _let_wait(url, schedules)
        step = Step("a new period's shares", define, schedules, "schedules", SHARED_ROWS)
        compare(kind, url, rounds, [step])


def collect(application: Application) -> None:
    """Collect all there is."""
    with writing(application) as books:
        collect_revenue(books)


def post(application: Application) -> None:
    """Post every draft, each in a transaction of its own, as requests do."""
    mine = scope(application)
    with application.database.reading(mine) as books:
        drafts = books.documents.list(status=DocumentStatus.DRAFT, order_by=["number"])
    for draft in drafts:
        with application.database.writing(structural=False) as transaction:
            command = PostDocument(kind=DocumentKind.INVOICE, key=draft.id)
            post_document(transaction.books(mine), command)


def define(application: Application) -> None:
    """Define the month after the last."""
    command = CreatePeriod(
        name="Jan'2027",
        start_date=date(2027, 1, 1),
        end_date=date(2027, 1, 31),
        fiscal_year=2027,
    )
    with writing(application) as books:
        create_period(books, command)


def _draft_invoices(url: str, invoices: int) -> None:
    """Draft invoices of charges of a hundred subscriptions, for terms of a year."""
    sell(url)
    with opened(url) as application:
        with writing(application) as books:
            define_months(books, 2026, *TWELVE)
            define_codes(books)
            automate_revenue(books, AutomateRevenue(start_date=_NEW_YEAR))
            customer = books.accounts.list(limit=1)[0]
            plan = builders.rate_plan(books, "Licence")
            facts = {"deferred_revenue_account": DEFERRED, "name": "Licence"}
            facts["recognized_revenue_account"] = revenue_code(0)
            rule = "Recognize daily over time"
            builders.charge(books, plan, revenue_recognition_rule_name=rule, **facts)
            sold = [builders.sell(books, customer, plan) for _ in range(_SUBSCRIPTIONS)]
        keys = [one.charge("Licence").id for one in sold]
        for number in range(invoices):
            with writing(application) as books:
                _draft(books, customer.id, keys, number)
        learn(application)


def _draft(books: Books, account_id: str, keys: Sequence[str], number: int) -> None:
    items = [_item(keys, number * ITEMS_MAX + place) for place in range(ITEMS_MAX)]
    facts = DocumentFacts(document_date=date(2026, 1, 15))
    command = DraftDocument(
        kind=DocumentKind.INVOICE, account_id=account_id, facts=facts, items=items
    )
    draft_document(books, command)


def _item(keys: Sequence[str], place: int) -> NewItem:
    start = _NEW_YEAR + timedelta(place % 28)
    return NewItem(
        amount=100 + place % 997,
        charge_key=keys[place % len(keys)],
        service_start=start,
        service_end=start + timedelta(364),
        copies_charge=True,
    )


def _let_wait(url: str, schedules: int) -> None:
    """Keep schedules of which a part lies in December, and the rest waits for later periods."""
    sell(url)
    with opened(url) as application:
        with writing(application) as books:
            define_months(books, 2026, *TWELVE)
            charge = books.charges.list(limit=1)[0]
        for places in chunks(schedules):
            with writing(application) as books:
                periods = books.periods.list()
                open_together(books, [_waiting(books, charge, periods, one) for one in places])
        learn(application)


def _waiting(
    books: Books, charge: RatePlanCharge, periods: Sequence[AccountingPeriod], place: int
) -> Opening:
    start = date(2026, 12, 1) + timedelta(place % 31)
    spread = Spread(start=start, end=start + timedelta(119))
    minor = 10_000 + place % 997
    schedule = replace(
        new_schedule(books, charge, place), number="", amount_minor=minor, **remembered(spread)
    )
    amounts = amounts_by_formula(minor, spread, periods, {})
    return schedule, NewDistribution(amounts_minor=amounts, type=REVENUE_DISTRIBUTED)
