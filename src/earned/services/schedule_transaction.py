"""Create the revenue schedule of a billing transaction by hand (R 2.2, R 2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from earned.domain.billed import Billed, billed_adjustment, billed_item, check_schedulable
from earned.domain.billing import AdjustmentStatus, DocumentKind, DocumentStatus
from earned.domain.distributing import Holding, checked
from earned.domain.errors import Duplicate, Missing, NotFound, RuleBroken
from earned.domain.event_types import LABEL, SYSTEM_ID
from earned.domain.money import major
from earned.domain.periods import open_ended
from earned.domain.recognition import amounts_by_formula
from earned.domain.recognition_range import read_range
from earned.domain.recognizing import remembered
from earned.domain.schedule import LinkedType, RevenueSchedule
from earned.domain.scheduling import (
    NOTES_LENGTH_MAX,
    distribute,
    optional_text,
    read_distributions,
)
from earned.domain.tenancy import CustomFields
from earned.services.add_distributions import NewDistribution
from earned.services.check_limit import check_limit
from earned.services.distribute_revenue import event_details, open_ended_rules
from earned.services.find_documents import adjustment_by_key, document_to_change, item_by_id
from earned.services.open_schedule import open_together
from earned.services.ports import Books
from earned.services.read_schedules import ScheduleView, read_schedule
from earned.services.schedule_billed import new_schedule
from earned.services.see_periods import periods_to_work_in

WORDS: Mapping[LinkedType, str] = MappingProxyType(
    {
        LinkedType.INVOICE_ITEM: "invoice item",
        LinkedType.INVOICE_ITEM_ADJUSTMENT: "invoice item adjustment",
        LinkedType.CREDIT_MEMO_ITEM: "credit memo item",
        LinkedType.DEBIT_MEMO_ITEM: "debit memo item",
    }
)
_KINDS = MappingProxyType(
    {
        LinkedType.INVOICE_ITEM: DocumentKind.INVOICE,
        LinkedType.CREDIT_MEMO_ITEM: DocumentKind.CREDIT_MEMO,
        LinkedType.DEBIT_MEMO_ITEM: DocumentKind.DEBIT_MEMO,
    }
)
_OF_INVOICE = frozenset({LinkedType.INVOICE_ITEM, LinkedType.INVOICE_ITEM_ADJUSTMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTransaction:
    """Which transaction, and the fields of the request as they were sent, by their wire names."""

    linked_type: LinkedType
    key: str
    fields: Mapping[str, object]
    custom_fields: CustomFields = field(default_factory=dict)
    event_custom_fields: CustomFields = field(default_factory=dict)


def schedule_transaction(books: Books, command: ScheduleTransaction) -> str:
    """Create a schedule whose amounts are said, all of it in Open-Ended unless they are.

    Date, amount and accounting codes are those of the transaction; a credit is negative. Checked in
    this order: the transaction, its state, whether it has a schedule, whether it may have one, the
    distributions, the event, the notes, the limit of its rule. Raises a refusal; returns the
    schedule's number.
    """
    billed = _billed(books, command)
    asked = read_distributions(command.fields.get("revenueDistributions"))
    currency = books.currency(billed.currency)
    words = WORDS[command.linked_type]
    amounts = distribute(
        billed.amount_minor,
        asked,
        periods_to_work_in(books),
        currency,
        open_ended_rules(books.settings),
        f"The sum of the newAmount fields must be equal to the amount of the {words},"
        f" {major(billed.amount_minor, currency)}.",
    )
    return _store(books, command, new_schedule(books, billed), amounts)


def schedule_transaction_over_range(books: Books, command: ScheduleTransaction) -> str:
    """Create a schedule that is spread over a range of days by a formula (R 2.3).

    What is for closed periods goes to the next open one. The range is remembered, so that periods
    yet to be defined get their shares. Checked as `schedule_transaction` does, with the range in
    the place of the distributions. Raises a refusal; returns the schedule's number.
    """
    billed = _billed(books, command)
    periods = periods_to_work_in(books)
    asked = read_range(command.fields, periods, monthly=books.settings.monthly_recognition)
    if command.linked_type in _OF_INVOICE and command.fields.get("revenueEvent") is None:
        raise Missing("'revenueEvent' may not be null", field="revenueEvent")
    currency = books.currency(billed.currency)
    spread = asked.in_currency(currency)
    amounts = amounts_by_formula(billed.amount_minor, spread, periods, {})
    empty = Holding(billed.amount_minor, {}, currency)
    checked(empty, amounts, open_ended(periods).id, open_ended_rules(books.settings))
    schedule = new_schedule(books, billed, **remembered(spread))
    return _store(books, command, schedule, amounts)


def schedule_of_transaction(books: Books, linked_type: LinkedType, key: str) -> ScheduleView:
    """Return the schedule of a transaction. Raises `NotFound` where there is none of either."""
    if linked_type is LinkedType.INVOICE_ITEM_ADJUSTMENT:
        linked_id = adjustment_by_key(books, key).id
    else:
        linked_id = item_by_id(books, _KINDS[linked_type], key).id
    found = _schedule_of(books, linked_id)
    if found is None:
        raise NotFound.by_key(key)
    return read_schedule(books, found.number)


def _billed(books: Books, command: ScheduleTransaction) -> Billed:
    """Return the transaction, which nobody else changes until this one ends."""
    words = WORDS[command.linked_type]
    if command.linked_type is LinkedType.INVOICE_ITEM_ADJUSTMENT:
        billed, in_force = _adjustment(books, command.key)
    else:
        billed, in_force = _item(books, _KINDS[command.linked_type], command.key)
    if not in_force:
        message = f"Only a posted {words} can have a revenue schedule."
        raise RuleBroken(message)
    there = _schedule_of(books, billed.linked_id)
    if there is not None:
        raise Duplicate(f"The {words} has a revenue schedule already: {there.number}.")
    check_schedulable(billed, words)
    return billed


def _item(books: Books, kind: DocumentKind, item_id: str) -> tuple[Billed, bool]:
    item = item_by_id(books, kind, item_id)
    document = document_to_change(books, kind, item.document_id)
    return billed_item(document, item), document.status is DocumentStatus.POSTED


def _adjustment(books: Books, key: str) -> tuple[Billed, bool]:
    found = adjustment_by_key(books, key)
    document_to_change(books, DocumentKind.INVOICE, found.invoice_id)
    adjustment = adjustment_by_key(books, found.id)
    item = item_by_id(books, DocumentKind.INVOICE, adjustment.item_id)
    in_force = adjustment.status is AdjustmentStatus.PROCESSED
    return billed_adjustment(adjustment, item), in_force


def _schedule_of(books: Books, linked_id: str) -> RevenueSchedule | None:
    return books.schedules.find(linked_id=linked_id, reverses_id=None, deleted=False)


def _store(
    books: Books,
    command: ScheduleTransaction,
    schedule: RevenueSchedule,
    amounts: Mapping[str, int],
) -> str:
    fields = command.fields
    said = fields.get("revenueEvent")
    if isinstance(said, Mapping) and not (said.get(LABEL) or said.get(SYSTEM_ID)):
        raise Missing(f"'revenueEvent.{LABEL}' may not be null", field=f"revenueEvent.{LABEL}")
    event = event_details(books, {"revenueEvent": {} if said is None else said})
    notes = optional_text(fields.get("notes"), "notes", NOTES_LENGTH_MAX)
    first = NewDistribution(
        amounts_minor=amounts,
        type=event.type,
        notes=event.notes,
        custom_fields=command.event_custom_fields,
    )
    stored = replace(schedule, notes=notes, custom_fields=command.custom_fields)
    (number,) = open_together(books, [(stored, first)])
    check_limit(books, books.recognition_rules.find(name=stored.rule_name), stored)
    return number
