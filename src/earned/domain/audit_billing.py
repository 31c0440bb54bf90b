"""What must always be true of billing documents and of their revenue (R 2.8)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from earned.domain.audit import Break
from earned.domain.billed import Billed
from earned.domain.billing import BillingDocument, BillingDocumentItem
from earned.domain.schedule import RevenueSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A billing transaction that is in the books, or was until it was canceled.

    `is_due` says that posting had to make its schedule; what is not known for sure is not due.
    """

    billed: Billed
    is_due: bool
    is_canceled: bool
    is_posted_back: bool


Schedules = Mapping[str, Sequence[RevenueSchedule]]
"""The schedules of transactions by the ids of those."""


def check_document(
    document: BillingDocument, items: Sequence[BillingDocumentItem]
) -> Iterator[Break]:
    """A document is the sum of its items."""
    total = sum(item.amount_minor for item in items)
    if document.amount_minor != total:
        check = "billing document is the sum of its items"
        texts = f"{total} minor", f"{document.amount_minor} minor"
        yield Break(check, "BillingDocument", document.id, *texts)


def check_transaction(one: Transaction, schedules: Schedules) -> Iterator[Break]:
    """What is posted has its schedule, of its amount, while it is in force.

    What is canceled is posted back, and its schedule is taken back by another.
    """
    billed = one.billed
    kind, identity = billed.linked_type.value, billed.linked_id
    found = schedules.get(identity, ())
    own = [schedule for schedule in found if schedule.reverses_id is None]
    if not own and one.is_due:
        check = "posted billing has its revenue schedule"
        yield Break(check, kind, identity, f"{billed.amount_minor} minor", "no schedule")
    for schedule in own:
        if (schedule.amount_minor, schedule.currency) != (billed.amount_minor, billed.currency):
            check = "revenue schedule has the amount of its billing transaction"
            texts = f"{billed.amount_minor} minor", f"{schedule.amount_minor} minor"
            yield Break(check, kind, identity, *texts)
    if one.is_posted_back != one.is_canceled:
        check = "canceled billing is posted back"
        state = ("in force", "canceled")
        yield Break(check, kind, identity, state[one.is_canceled], state[one.is_posted_back])
    taken = sum(schedule.amount_minor for schedule in found if schedule.reverses_id is not None)
    expected = -sum(schedule.amount_minor for schedule in own) if one.is_canceled else 0
    if taken != expected:
        check = "revenue of canceled billing is taken back"
        yield Break(check, kind, identity, f"{expected} minor", f"{taken} minor")


def check_linked(schedules: Iterable[RevenueSchedule], known: set[str]) -> Iterator[Break]:
    """Every schedule that is linked to a billing transaction is of one that is there."""
    for schedule in schedules:
        if schedule.linked_id not in known:
            check = "revenue schedule has its billing transaction"
            identity = schedule.id
            yield Break(check, "RevenueSchedule", identity, f"{schedule.linked_id}", "nothing")
