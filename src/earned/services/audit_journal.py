"""Audit the journal: the chain of its seals, its entries, runs and trial balances."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from earned.domain.audit import Break
from earned.domain.audit_journal import (
    check_count,
    check_frozen,
    check_last_number,
    check_number,
    check_sides,
    check_sources,
)
from earned.domain.journal import Act, Seal
from earned.domain.periods import defined
from earned.domain.seals import Written, check_link, check_status
from earned.services.balance_period import compute_lines, frozen_lines
from earned.services.batches import batches
from earned.services.ports import Books, NumberKind
from earned.services.run_journal import target_of_run
from earned.services.seal_entries import written


def audit_journal(books: Books, counted: Counter[str]) -> Iterator[Break]:
    """Yield every break of what must be true of the journal, and count what was looked at."""
    acts: dict[str, list[Act]] = defaultdict(list)
    yield from _audit_chain(books, acts)
    yield from _audit_entries(books, acts, counted)
    for run in books.journal_runs.stream(order_by=["number"]):
        counted["journal runs"] += 1
        sums = books.sum_posted(run, target_of_run(run))
        entries = books.entries.list(run_id=run.id, order_by=["number"])
        yield from check_count(run, len(entries))
        for one in written(books, entries):
            yield from check_sources(one, sums.get(one.entry.id, ()))
    for period in defined(books.periods.list()):
        frozen = frozen_lines(books, period) if period.is_closed else None
        if frozen is not None:
            counted["trial balances"] += 1
            yield from check_frozen(period, frozen, compute_lines(books, period))


def _audit_chain(books: Books, acts: Mapping[str, list[Act]]) -> Iterator[Break]:
    """Follow the seals from the first on; note which acts on which entry were sealed."""
    previous: Seal | None = None
    for seals in batches(books.seals.stream(order_by=["sequence"])):
        known = _written(books, {one.entry_id for one in seals})
        for one in seals:
            yield from check_link(one, previous, known.get(one.entry_id))
            acts[one.entry_id].append(one.act)
            previous = one


def _audit_entries(
    books: Books, acts: Mapping[str, Sequence[Act]], counted: Counter[str]
) -> Iterator[Break]:
    place = 0
    for entries in batches(books.entries.stream(order_by=["number"])):
        counted["journal entries"] += len(entries)
        for one in written(books, entries):
            place += 1
            yield from check_number(one.entry.number, place)
            yield from check_sides(one)
            yield from check_status(one.entry, acts.get(one.entry.id, ()))
    yield from check_last_number(books.last_number(NumberKind.JOURNAL_ENTRY), place)


def _written(books: Books, entry_ids: Iterable[str]) -> Mapping[str, Written]:
    entries = books.entries.list(id=list(entry_ids))
    return {one.entry.id: one for one in written(books, entries)}
