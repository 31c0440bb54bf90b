"""Run the journal: summarise transactions that are in no entry yet (R 6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from earned.domain.errors import Invalid
from earned.domain.journal import (
    Act,
    EntryStatus,
    JournalEntry,
    JournalEntryItem,
    JournalRun,
    RunStatus,
)
from earned.domain.journal_rules import Asked, date_of_run, target_of
from earned.domain.posting import Code, PostingSum, Side, Target, TransactionType
from earned.domain.seals import Written
from earned.domain.tenancy import CustomFields
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books, NumberKind
from earned.services.seal_entries import seal_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJournal:
    """Which transactions to pick up, and the date of the entries.

    `organization_ids` limits the run to transactions of these organisations; without it they are
    those that the caller may see.
    """

    transaction_types: Sequence[TransactionType]
    accounting_period_name: str | None = None
    target_start_date: date | None = None
    target_end_date: date | None = None
    journal_entry_date: date | None = None
    organization_ids: Sequence[str] = ()
    custom_fields: CustomFields = field(default_factory=dict)


def run_journal(books: Books, command: RunJournal) -> JournalRun:
    """Make an entry of the postings of each kind, and link every transaction to the one it is in.

    Done when it returns: a run is complete or was never made. Must have the entity's books to
    itself (a structural use case), so that nothing is posted twice. Raises `Missing`, `Invalid` or
    `RuleBroken`.
    """
    run = books.journal_runs.add(_new_run(books, command))
    made: list[Written] = []
    for kind in TransactionType:
        if kind in run.transaction_types:
            made += _post(books, run, kind)
    seal_entries(books, made, Act.CREATED)
    leave_trace(books, "run", "JournalRun", run.id, {"number": run.number, "entries": len(made)})
    return books.journal_runs.change(run, entry_count=len(made))


def _post(books: Books, run: JournalRun, kind: TransactionType) -> Sequence[Written]:
    """Make the entries of a type, and link its transactions to them."""
    target = target_of_run(run)
    sums = books.gather_postings(target, kind)
    if not sums:
        return []
    made = _entries(books, run, sums)
    books.entries.add_all([one.entry for one in made])
    books.entry_items.add_all([item for one in made for item in one.items])
    pairs = zip(sums, made, strict=True)
    linked = books.link_gathered(target, [(one, written.entry.id) for one, written in pairs])
    assert linked == sum(one.count for one in sums), "each transaction is linked to its entry"
    return made


def target_of_run(run: JournalRun) -> Target:
    """Return which transactions a run is of."""
    days = (run.target_start, run.target_end)
    return Target(run.entity_id, run.period_id, *days, run.organization_ids)


def _new_run(books: Books, command: RunJournal) -> JournalRun:
    periods = books.periods.list()
    types = tuple(dict.fromkeys(command.transaction_types))
    asked = Asked(
        command.accounting_period_name, command.target_start_date, command.target_end_date
    )
    chosen = target_of(asked, types, periods)
    return JournalRun(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number=books.next_number(NumberKind.JOURNAL_RUN),
        period_id=chosen.period.id,
        target_start=chosen.start,
        target_end=chosen.end,
        journal_entry_date=date_of_run(command.journal_entry_date, chosen, periods),
        transaction_types=tuple(kind.value for kind in types),
        organization_ids=_organizations(books, command.organization_ids),
        status=RunStatus.COMPLETED,
        executed_at=books.now,
        custom_fields=command.custom_fields,
        **books.stamp(),
    )


def _organizations(books: Books, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the organisations of a run: the ones asked for, or all that the caller may see."""
    mine = books.scope.organization_ids
    for place, one in enumerate(asked):
        if mine is None or one not in mine:
            name = f"organizationLabels.{place}.organizationId"
            raise Invalid(f"'{name}' value is invalid", field=name)
    return tuple(sorted(set(asked) or mine or ()))


def _entries(books: Books, run: JournalRun, sums: Sequence[PostingSum]) -> Sequence[Written]:
    numbers = books.next_numbers(NumberKind.JOURNAL_ENTRY, len(sums))
    return [_entry(books, run, one, number) for one, number in zip(sums, numbers, strict=True)]


def _entry(books: Books, run: JournalRun, one: PostingSum, number: str) -> Written:
    """Return the entry of postings of one kind: a debit and a credit of the same amount."""
    labels = run.organization_ids
    entry = JournalEntry(
        id=books.new_id(),
        entity_id=run.entity_id,
        number=number,
        run_id=run.id,
        period_id=run.period_id,
        time_start=run.target_start,
        time_end=run.target_end,
        currency=one.currency,
        journal_entry_date=run.journal_entry_date,
        transaction_type=one.transaction_type,
        status=EntryStatus.CREATED,
        total_minor=one.amount_minor,
        source_count=one.count,
        organization_label=labels[0] if len(labels) == 1 else None,
        **books.stamp(),
    )
    sides = ((1, Side.DEBIT, one.debit), (2, Side.CREDIT, one.credit))
    return Written(entry, [_item(entry, *side) for side in sides])


def _item(entry: JournalEntry, place: int, side: Side, code: Code) -> JournalEntryItem:
    return JournalEntryItem(
        entry_id=entry.id,
        place=place,
        entity_id=entry.entity_id,
        side=side,
        code_name=code.name,
        code_type=code.type,
        amount_minor=entry.total_minor,
    )
