"""Postings in bulk: added up, linked to entries, released; one statement for all of a kind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Subquery,
    and_,
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
from earned.storage.posting_sources import CODES, COLUMNS, SOURCES, kind_of, postings
from earned.storage.tables.journal import journal_entry, journal_entry_item, posted_source
from earned.storage.tables.tenancy import number_sequence


class JournalBooks:
    """The part of the books that the journal needs, beside the repositories."""

    connection: Connection
    scope: Scope
    now: datetime

    def sum_postings(
        self, target: Target, types: Iterable[TransactionType], *, unposted: bool = False
    ) -> Sequence[PostingSum]:
        """Add up the postings of transactions, by type, currency, debit and credit code.

        With `unposted`, only those that are in no entry in force.
        """
        sums: list[PostingSum] = []
        for kind, found in _each(target, types):
            by = [found.c[name] for name in ("currency", *CODES)]
            statement = select(*by, func.sum(found.c.amount_minor), func.count()).group_by(*by)
            if unposted:
                statement = statement.where(_is_unposted(kind, found))
            sums += [_sum_of(kind, row) for row in self.connection.execute(statement)]
        return sorted(sums, key=lambda one: one.order)

    def link_sources(self, run: JournalRun, target: Target) -> int:
        """Link each unposted transaction to the entry of the run that it is in; return how many."""
        linked = 0
        for kind, found in _each(target, map(TransactionType, run.transaction_types)):
            entries = _kinds_of(run, kind)
            links = (
                select(
                    entries.c.id,
                    literal(kind.value),
                    found.c.source_id,
                    found.c.period_id,
                    literal(run.entity_id),
                    null(),
                )
                .select_from(found.join(entries, entries.c.kind == found.c.kind))
                .where(_is_unposted(kind, found))
            )
            statement = insert(posted_source).from_select(_LINK, links)
            linked += self.connection.execute(statement, execution_options=_COUNTING).rowcount
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
        sums: dict[str, list[PostingSum]] = {}
        entries = select(journal_entry.c.id).where(journal_entry.c.run_id == run.id)
        for kind, found in _each(target, map(TransactionType, run.transaction_types)):
            link = posted_source.c
            entry_id = link.entry_id
            by = [entry_id, *(found.c[name] for name in ("currency", *CODES))]
            statement = (
                select(*by, func.sum(found.c.amount_minor), func.count())
                .select_from(found.join(posted_source, _same_source(kind, found)))
                .where(entry_id.in_(entries), link.released_at.is_(None))
                .group_by(*by)
            )
            for row in self.connection.execute(statement):
                sums.setdefault(row[0], []).append(_sum_of(kind, row[1:]))
        return sums

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


def _each(
    target: Target, types: Iterable[TransactionType]
) -> Iterator[tuple[TransactionType, Subquery]]:
    """Yield the postings of each type that there is a source of, with their kind."""
    for kind in types:
        if kind in SOURCES:
            found = postings(SOURCES[kind], target).subquery()
            columns = [found.c[name] for name in COLUMNS]
            yield kind, select(*columns, kind_of(found.c).label("kind")).subquery()


def _is_unposted(kind: TransactionType, found: Subquery) -> Any:  # noqa: ANN401 - A clause.
    link = posted_source.c
    return ~exists().where(_same_source(kind, found), link.released_at.is_(None))


def _same_source(kind: TransactionType, found: Subquery) -> Any:  # noqa: ANN401 - A clause.
    link = posted_source.c
    return and_(
        link.source_id == found.c.source_id,
        link.period_id == found.c.period_id,
        link.source_type == literal(kind.value),
    )


def _kinds_of(run: JournalRun, kind: TransactionType) -> Subquery:
    """Return the entries of a run for one type, each with the kind of posting that is in it."""
    entry = journal_entry.c
    debit, credit = journal_entry_item.alias("debit"), journal_entry_item.alias("credit")
    codes = {
        "currency": entry.currency,
        "debit_name": debit.c.code_name,
        "debit_type": debit.c.code_type,
        "credit_name": credit.c.code_name,
        "credit_type": credit.c.code_type,
    }
    debited = and_(debit.c.entry_id == entry.id, debit.c.side == Side.DEBIT)
    credited = and_(credit.c.entry_id == entry.id, credit.c.side == Side.CREDIT)
    found: Select[Any] = select(entry.id, kind_of(codes).label("kind"))
    return (
        found.select_from(journal_entry.join(debit, debited).join(credit, credited))
        .where(entry.run_id == run.id, entry.transaction_type == kind.value)
        .subquery()
    )


def _sum_of(kind: TransactionType, row: Sequence[Any]) -> PostingSum:
    currency, debit_name, debit_type, credit_name, credit_type, amount, count = row
    debit, credit = Code(debit_name, debit_type), Code(credit_name, credit_type)
    return PostingSum(kind, currency, debit, credit, int(amount), count)
