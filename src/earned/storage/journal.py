"""Postings in bulk: added up, linked to entries, released; one statement for all of a kind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
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
from earned.storage.pipeline import Connected
from earned.storage.posting_sources import CODES, SOURCES
from earned.storage.tables.journal import journal_entry, journal_entry_item, posted_source
from earned.storage.tables.tenancy import number_sequence


class JournalBooks(Connected):
    """The part of the books that the journal needs, beside the repositories."""

    scope: Scope
    now: datetime

    def sum_postings(
        self, target: Target, types: Iterable[TransactionType]
    ) -> Sequence[PostingSum]:
        """Add up the postings of all transactions, in an entry or not."""
        sums: list[PostingSum] = []
        for kind in types:
            if kind in SOURCES:
                rows = self.connection.execute(_summed(_found(kind, target)))
                sums += _sums(kind, rows)
        return sums

    def gather_postings(self, target: Target, kind: TransactionType) -> Sequence[PostingSum]:
        """Find the transactions that are in no entry in force; add their postings up."""
        if kind not in SOURCES:
            return []
        make_room(self.connection)
        found = _found(kind, target)
        names = [*KIND, "source_id", "amount_minor"]
        unposted = select(*(found.c[name] for name in names)).where(
            ~exists().where(_same_source(found), posted_source.c.released_at.is_(None))
        )
        self.connection.execute(insert(gathered).from_select(names, unposted))
        sums = _sums(kind, self.connection.execute(_summed(gathered)))
        if not sums:
            clear(self.connection)
        return sums

    def link_gathered(self, target: Target, entries: Sequence[tuple[PostingSum, str]]) -> int:
        """Link each transaction that was gathered to the entry of its sum; return how many."""
        self.connection.execute(insert(entry_of_kind), _entries_of_kinds(entries))
        link, entry = gathered.c, entry_of_kind.c
        transaction_type = entries[0][0].transaction_type
        links = select(
            case((link.amount_minor < 0, entry.negative_id), else_=entry.positive_id),
            literal(transaction_type.value),
            link.source_id,
            literal(target.period_id),
            literal(target.entity_id),
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
        rows: dict[tuple[str, TransactionType], list[Sequence[Any]]] = {}
        mine = select(journal_entry.c.id).where(journal_entry.c.run_id == run.id)
        link = posted_source.c
        for kind in map(TransactionType, run.transaction_types):
            if kind not in SOURCES:
                continue
            found = _found(kind, target)
            statement = (
                _summed(found)
                .add_columns(link.entry_id)
                .join(posted_source, _same_source(found))
                .where(link.entry_id.in_(mine), link.released_at.is_(None))
                .group_by(link.entry_id)
            )
            for row in self.connection.execute(statement):
                rows.setdefault((row[-1], kind), []).append(row[:-1])
        return {entry_id: _sums(kind, found) for (entry_id, kind), found in rows.items()}

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


def _found(kind: TransactionType, target: Target) -> Subquery:
    """Return the transactions of a type, with their kind."""
    found = SOURCES[kind](target).subquery()
    names = [func.coalesce(found.c[name], "").label(name) for name in CODES]
    columns = (found.c.source_id, found.c.period_id, found.c.currency, *names)
    amount = found.c.amount_minor
    return select(*columns, amount).where(amount != 0).subquery()


def _same_source(found: Subquery) -> ColumnElement[bool]:
    link = posted_source.c
    return and_(link.source_id == found.c.source_id, link.period_id == found.c.period_id)


def _summed(found: Any) -> Select[Any]:  # noqa: ANN401 - A table or a subquery with its columns.
    """Add amounts up by kind, the positive and the negative ones apart.

    Sides are swapped once for all negative amounts of a kind, not in each row: that would double
    what the database has to do.
    """
    by = [found.c[name] for name in KIND]
    amount = found.c.amount_minor
    signs = [
        column
        for clause in (amount > 0, amount < 0)
        for column in (
            func.sum(case((clause, amount), else_=0)),
            func.sum(case((clause, 1), else_=0)),
        )
    ]
    return select(*by, *signs).group_by(*by)


def _sums(kind: TransactionType, rows: Iterable[Sequence[Any]]) -> Sequence[PostingSum]:
    """Return sums of postings, each on the sides it belongs to, from sums by kind."""
    sums: dict[tuple[object, ...], PostingSum] = {}
    for row in rows:
        for one in _both_ways(kind, row):
            key = (one.currency, one.debit, one.credit)
            other = sums.get(key)
            amount, count = (other.amount_minor, other.count) if other else (0, 0)
            sums[key] = replace(
                one, amount_minor=amount + one.amount_minor, count=count + one.count
            )
    return sorted(sums.values(), key=lambda one: one.order)


def _both_ways(kind: TransactionType, row: Sequence[Any]) -> Iterator[PostingSum]:
    """Yield what positive amounts of a kind make, and what negative ones do."""
    names = dict(zip(KIND, row, strict=False))
    debit = Code(names["debit_name"] or None, names["debit_type"])
    credit = Code(names["credit_name"] or None, names["credit_type"])
    positive, positives, negative, negatives = map(int, row[len(KIND) : len(KIND) + 4])
    if positives:
        yield PostingSum(kind, names["currency"], debit, credit, positive, positives)
    if negatives:
        yield PostingSum(kind, names["currency"], credit, debit, -negative, negatives)


def _entries_of_kinds(
    entries: Sequence[tuple[PostingSum, str]],
) -> Sequence[Mapping[str, str | None]]:
    """Return for each kind there may be which entry its amounts are in, by their sign."""
    ids = {(one.currency, one.debit, one.credit): entry_id for one, entry_id in entries}
    kinds = {*ids, *((currency, credit, debit) for currency, debit, credit in ids)}
    return [
        {
            "currency": currency,
            "debit_name": debit.name or "",
            "debit_type": debit.type,
            "credit_name": credit.name or "",
            "credit_type": credit.type,
            "positive_id": ids.get((currency, debit, credit)),
            "negative_id": ids.get((currency, credit, debit)),
        }
        for currency, debit, credit in kinds
    ]
