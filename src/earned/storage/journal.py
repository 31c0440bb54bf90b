"""Postings in bulk: added up, linked to entries, released; one statement for all of a kind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from earned.domain.journal import EntryStatus, JournalRun
from earned.domain.posting import Code, PostingSum, Side, Target, TransactionType
from earned.domain.tenancy import Scope
from earned.domain.trial_balance import LedgerAccount
from earned.services.ports import NumberKind
from earned.storage.gathering import KIND, clear, entry_of_kind, gathered, make_room
from earned.storage.posting_sources import CODES, SOURCES
from earned.storage.tables.journal import journal_entry, journal_entry_item, posted_source
from earned.storage.tables.tenancy import number_sequence


class JournalBooks:
    """The part of the books that the journal needs, beside the repositories."""

    connection: Connection
    scope: Scope
    now: datetime

    def sum_postings(
        self, target: Target, types: Iterable[TransactionType]
    ) -> Sequence[PostingSum]:
        """Add up the postings of all transactions, in an entry or not."""
        rows: list[Sequence[Any]] = []
        for found in _each(target, types):
            rows += self.connection.execute(_summed(found))
        return _sums(rows)

    def gather_postings(
        self, target: Target, types: Iterable[TransactionType]
    ) -> Sequence[PostingSum]:
        """Find the transactions that are in no entry in force; add their postings up."""
        make_room(self.connection)
        for found in _each(target, types):
            names = [column.name for column in gathered.columns]
            unposted = select(*(found.c[name] for name in names)).where(
                ~exists().where(_same_source(found), posted_source.c.released_at.is_(None))
            )
            self.connection.execute(insert(gathered).from_select(names, unposted))
        return _sums(self.connection.execute(_summed(gathered)))

    def link_gathered(self, entries: Sequence[tuple[PostingSum, str]]) -> int:
        """Link each transaction that was gathered to the entry of its sum; return how many."""
        kinds = [kind for one, entry_id in entries for kind in _kinds(one, entry_id)]
        if kinds:
            self.connection.execute(insert(entry_of_kind), kinds)
        link, entry = gathered.c, entry_of_kind.c
        links = select(
            entry.entry_id,
            link.source_type,
            link.source_id,
            link.period_id,
            literal(self.scope.entity_id),
            null(),
        ).join_from(gathered, entry_of_kind, and_(*(link[name] == entry[name] for name in KIND)))
        statement = insert(posted_source).from_select(_LINK, links)
        linked = self.connection.execute(statement, execution_options=_COUNTING).rowcount
        clear(self.connection)
        return linked

    def release_sources(self, entry_ids: Sequence[str]) -> None:
        """Let go of what is in entries, so that another run may pick it up."""
        self.connection.execute(
            update(posted_source)
            .where(posted_source.c.entry_id.in_(entry_ids), posted_source.c.released_at.is_(None))
            .values(released_at=self.now)
        )

    def sum_posted(self, run: JournalRun, target: Target) -> Mapping[str, Sequence[PostingSum]]:
        """Add up again what each entry of a run was made of, by entry and codes."""
        rows: dict[str, list[Sequence[Any]]] = {}
        mine = select(journal_entry.c.id).where(journal_entry.c.run_id == run.id)
        link = posted_source.c
        for found in _each(target, map(TransactionType, run.transaction_types)):
            statement = (
                _summed(found)
                .add_columns(link.entry_id)
                .join(posted_source, _same_source(found))
                .where(link.entry_id.in_(mine), link.released_at.is_(None))
                .group_by(link.entry_id)
            )
            for row in self.connection.execute(statement):
                rows.setdefault(row[-1], []).append(row[:-1])
        return {entry_id: _sums(found) for entry_id, found in rows.items()}

    def last_number(self, kind: NumberKind) -> int:
        """Return how many numbers of a kind were given."""
        table = number_sequence.c
        given = select(table.last).where(
            table.entity_id == self.scope.entity_id, table.kind == kind.name
        )
        return self.connection.execute(given).scalar_one_or_none() or 0

    def sum_manual_items(self, period_id: str) -> Sequence[tuple[LedgerAccount, Side, int]]:
        """Add up the items of entries made by hand that are in force in a period."""
        entry, item = journal_entry.c, journal_entry_item.c
        by = (entry.currency, item.code_name, item.code_type, item.side)
        statement = (
            select(*by, func.sum(item.amount_minor))
            .join_from(journal_entry_item, journal_entry)
            .where(
                entry.entity_id == self.scope.entity_id,
                entry.period_id == period_id,
                entry.run_id.is_(None),
                entry.status == EntryStatus.CREATED,
            )
            .group_by(*by)
        )
        return [
            (LedgerAccount(currency, Code(name, code_type)), side, int(amount))
            for currency, name, code_type, side, amount in self.connection.execute(statement)
        ]


_COUNTING = {"preserve_rowcount": True}
_LINK = ["entry_id", "source_type", "source_id", "period_id", "entity_id", "released_at"]


def _each(target: Target, types: Iterable[TransactionType]) -> Iterator[Subquery]:
    """Yield the transactions of each type that there is a source of, with their kind.

    Whether an amount is negative is told apart here and its sides are swapped later, once for all
    of a kind: to swap them in each row would double what the database has to do.
    """
    for kind in types:
        if kind not in SOURCES:
            continue
        found = SOURCES[kind](target).subquery()
        names = [func.coalesce(found.c[name], "").label(name) for name in CODES]
        yield (
            select(
                found.c.source_id,
                found.c.period_id,
                literal(kind.value).label("source_type"),
                found.c.currency,
                *names,
                case((found.c.amount_minor < 0, 1), else_=0).label("swapped"),
                found.c.amount_minor,
            )
            .where(found.c.amount_minor != 0)
            .subquery()
        )


def _same_source(found: Subquery) -> ColumnElement[bool]:
    link = posted_source.c
    return and_(link.source_id == found.c.source_id, link.period_id == found.c.period_id)


def _summed(found: Any) -> Select[Any]:  # noqa: ANN401 - A table or a subquery with its columns.
    by = [found.c[name] for name in KIND]
    return select(*by, func.sum(found.c.amount_minor), func.count()).group_by(*by)


def _sums(rows: Iterable[Sequence[Any]]) -> Sequence[PostingSum]:
    """Return sums of postings, each on the sides it belongs to, from sums by kind."""
    sums: dict[tuple[object, ...], PostingSum] = {}
    for row in rows:
        one = _sum_of(row)
        key = (one.transaction_type, one.currency, one.debit, one.credit)
        if key in sums:
            amount, count = sums[key].amount_minor, sums[key].count
            one = replace(one, amount_minor=amount + one.amount_minor, count=count + one.count)
        sums[key] = one
    return sorted(sums.values(), key=lambda one: one.order)


def _sum_of(row: Sequence[Any]) -> PostingSum:
    kind = dict(zip(KIND, row, strict=False))
    debit = Code(kind["debit_name"] or None, kind["debit_type"])
    credit = Code(kind["credit_name"] or None, kind["credit_type"])
    if kind["swapped"]:
        debit, credit = credit, debit
    amount, count = row[len(KIND) :]
    transaction_type = TransactionType(kind["source_type"])
    return PostingSum(transaction_type, kind["currency"], debit, credit, abs(int(amount)), count)


def _kinds(one: PostingSum, entry_id: str) -> Iterator[Mapping[str, object]]:
    """Yield the kinds that were added up: positive amounts, and negative ones the other way."""
    for swapped, (debit, credit) in enumerate(((one.debit, one.credit), (one.credit, one.debit))):
        yield {
            "source_type": one.transaction_type.value,
            "currency": one.currency,
            "debit_name": debit.name or "",
            "debit_type": debit.type,
            "credit_name": credit.name or "",
            "credit_type": credit.type,
            "swapped": swapped,
            "entry_id": entry_id,
        }
