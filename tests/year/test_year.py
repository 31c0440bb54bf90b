"""A year of a company with more than fifty customers, closed month by month.

What the books say at each close is compared, to the last decimal, with what a reckoner says that
knows the rules and none of the code.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from shutil import copy

import pytest

from earned.services.audit_books import audit_books
from earned.services.ports import Books
from tests.api import serving
from tests.reports import WATERFALL
from tests.year import statements
from tests.year.checks import check, nothing_closed_has_changed
from tests.year.closing import Close, ask, close, reopen
from tests.year.company import AT_EXPIRY, NONE, NORTH, PROPORTIONAL, Metered
from tests.year.reckoner import ADJUSTMENT, BREAKAGE, CREDIT, DEBIT, INVOICE
from tests.year.rules import RULES
from tests.year.story import Story

SEED = 2026
CUSTOMERS = 54
MONTHS = 12
REOPENED = (2, 7)
BREAKAGES = (AT_EXPIRY, PROPORTIONAL, NONE)


def closes(story: Story) -> Iterator[Close]:
    """Tell the year; two months are reopened after their close and closed again."""
    story.begin()
    for month in range(MONTHS):
        story.work(month)
        story.at(month + 1, 5)
        yield close(story, month)
        if month in REOPENED:
            story.at(month + 1, 12)
            reopen(story, month)
            story.work_again(month)
            yield close(story, month)


@pytest.mark.timeout(300)
def test_a_year_of_a_company_ties_out_at_every_close(migrated_database_url: str) -> None:
    with serving(migrated_database_url) as api:
        story = Story(api, CUSTOMERS, SEED)
        told: list[Close] = []
        for one in closes(story):
            one.files = ask(story, one.month)
            check(story.reckoner, one)
            if told:
                nothing_closed_has_changed(told[-1], one)
            told.append(one)

        assert len(told) == MONTHS + len(REOPENED)
        with story.writing() as books:
            assert list(audit_books(books, Counter())) == []
            assert set(posted(books).values()) == {1}
            assert posted(books).keys() == postable(books)
        for one in told:
            assert ask(story, one.month, asOf=one.moment) == one.files
        organizations_share_it(story, told[-1])
        has_everything(story)


def posted(books: Books) -> Counter[tuple[str, str]]:
    """Count in how many entries in force each revenue event item is."""
    distributions = {one.id for one in books.distributions.list()}
    links = books.posted.list(released_at=None)
    return Counter(
        (link.source_id, link.period_id) for link in links if link.source_id in distributions
    )


def postable(books: Books) -> set[tuple[str, str]]:
    """Return what distributions put into the months of the year, of schedules that are there."""
    closed = {period.id for period in books.periods.list() if period.is_closed}
    deleted = {one.id for one in books.schedules.list(deleted=True)}
    gone = {one.id for one in books.distributions.list() if one.schedule_id in deleted}
    return {
        (item.distribution_id, item.period_id)
        for item in books.distribution_items.list(period_id=closed)
        if item.amount_minor and item.distribution_id not in gone
    }


def organizations_share_it(story: Story, last: Close) -> None:
    """See that who is North's sees the schedules of North's customers, all of them."""
    answer = story.api.get("/v1/reports/waterfall?format=csv", **story.north)
    north = Close(last.month, last.moment, (), {WATERFALL: answer.text})
    mine = {
        contract.customer.number
        for contract in story.contracts
        if contract.customer.organization == NORTH
    }
    theirs = [row for row in last.rows(WATERFALL) if row["accountNumber"] in mine]
    assert north.rows(WATERFALL) == theirs
    assert 0 < len(theirs) < len(last.rows(WATERFALL))


def has_everything(story: Story) -> None:
    """See that the year had in it what it is told for."""
    reckoner, records = story.reckoner, story.usage.records
    metered = [one for one in story.contracts if isinstance(one, Metered)]
    prepaid = {(one.prepayment.every, one.prepayment.breakage) for one in metered if one.prepayment}
    assert prepaid >= set(product((1, 3), BREAKAGES))
    assert {every for every, _ in prepaid} == {1, 3, 12}
    assert {bill.rule for bill in story.billing.made} == {None, *RULES}
    assert {memo.type for memo in story.billing.memos} == {CREDIT, DEBIT, ADJUSTMENT}
    assert {bill.type for bill in story.billing.canceled} == {INVOICE, CREDIT, ADJUSTMENT}
    assert story.hands.deleted
    assert len(story.contracts) > 50
    assert {contract.money.scale for contract in story.contracts} == {0, 2, 3, 4}
    assert sum(record.quantity < 0 for record in records) > 20
    overage = [one.amount for one in reckoner.schedules if one.is_overage]
    assert any(minor < 0 for minor in overage)
    assert any(minor > 0 for minor in overage)
    assert any(move.cause == BREAKAGE and move.amount < 0 for move in reckoner.moved)
    assert any(row["credits"] for row in statements.roll_forward(reckoner).values())
    assert len(story.billing.canceled) > 10


def test_the_same_year_again_makes_the_same_files(sqlite_template: Path, tmp_path: Path) -> None:
    first, second = (files(sqlite_template, tmp_path / name) for name in ("1.db", "2.db"))

    assert first == second


def files(template: Path, path: Path) -> list[object]:
    """Tell the year of a third of the customers; return its journals, and its last reports."""
    with serving(f"sqlite:///{copy(template, path)}") as api:
        story = Story(api, CUSTOMERS // 3, SEED)
        told = [(one.moment, *one.exports) for one in closes(story)]
        return [*told, *map(without_ids, ask(story, MONTHS - 1).values())]


def without_ids(text: str) -> str:
    """Replace ids, which are random, by the places in which they come."""
    places: dict[str, str] = {}
    return re.sub("[0-9a-f]{32}", lambda id_: places.setdefault(id_[0], str(len(places))), text)
