"""Summary journal entries: `/v1/journal-entries` (R 6.4)."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from earned.domain.journal import JournalEntry, Transferred
from earned.domain.journal_rules import ITEMS_MAX, check_fixed
from earned.domain.posting import Side
from earned.http.answers import V1Answer
from earned.http.done import done
from earned.http.journal_answers import EntryAnswer, EntryList
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import V1Request, WireDay, custom_fields
from earned.services.annotate_entry import AnnotateEntry, AnnotateItem, annotate_journal_entry
from earned.services.cancel_journal import cancel_journal_entry, delete_journal_entry
from earned.services.ports import Books
from earned.services.read_journal import entries_of_run, read_journal_entry
from earned.services.review_entry import (
    Review,
    approve_journal_entry,
    reject_journal_entry,
    revert_journal_entry,
    submit_journal_entry,
)
from earned.services.show_journal import wire_entry
from earned.services.work import UseCase, single
from earned.services.write_entry import (
    ChangeDraft,
    NewItem,
    WriteEntry,
    change_draft,
    create_journal_entry,
)

RESOURCE = 510100
PAGE_SIZE = 8
PATH = "/v1/journal-entries"
ONE = f"{PATH}/{{je-number}}"
TAG = "Summary journal entries"
SEGMENTS_MAX = 100

Notes = Annotated[str, Field(max_length=2000)]
ItemNotes = Annotated[str, Field(max_length=1000)]
Comment = Annotated[str, Field(max_length=1000)]
# Read by the use case, as it was sent: no number passes through a binary float.
Amount = Annotated[
    object,
    Field(description="Decimals as the currency has them."),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]}),
]
CodeName = Annotated[str, Field(description="Empty for a blank accounting code.")]
CodeType = Annotated[str, Field(description="Required for a blank accounting code.")]


class NewEntryItem(V1Request):
    """A debit or a credit of an accounting code."""

    accounting_code_name: CodeName
    accounting_code_type: CodeType | None = None
    type: Side
    amount: Amount
    home_currency_amount: Annotated[
        object,
        Field(description="There is no home currency: refused unless it is null."),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]}),
    ] = None
    gl_string: Annotated[str, Field(max_length=350)] | None = None
    notes: ItemNotes | None = None


class Segment(V1Request):
    """A segment of the general ledger."""

    segment_name: str
    segment_value: str


class NewEntry(V1Request):
    """A journal entry made by hand; debits and credits add up to the same."""

    accounting_period_name: str
    currency: str
    journal_entry_date: WireDay
    journal_entry_items: Annotated[list[NewEntryItem], Field(max_length=ITEMS_MAX)]
    notes: Notes | None = None
    segments: Annotated[list[Segment], Field(max_length=SEGMENTS_MAX)] | None = None
    transaction_type: Annotated[str, Field(max_length=255)] | None = None
    organization_label: str | None = None
    transferred_to_accounting: Transferred | None = None


class ChangedItem(V1Request):
    """What becomes of the items of an accounting code on a side."""

    accounting_code_name: CodeName
    accounting_code_type: CodeType | None = None
    type: Side
    notes: ItemNotes | None = None


class ChangedEntry(V1Request):
    """What becomes of an entry; what is not named stays."""

    notes: Notes | None = None
    transferred_to_accounting: Transferred | None = None
    journal_entry_items: Annotated[list[ChangedItem], Field(max_length=ITEMS_MAX)] | None = None


class ReviewComment(V1Request):
    """What the reviewer says."""

    comment: Comment | None = None


class EntryCreated(V1Answer):
    """Which entry was made."""

    journal_entry_number: str


def _new(call: Call) -> WriteEntry:
    check_fixed(call.payload)
    body: NewEntry = call.body
    sent = call.payload["journalEntryItems"]
    items = zip(body.journal_entry_items, sent, strict=True)
    return WriteEntry(
        accounting_period_name=body.accounting_period_name,
        currency=body.currency,
        journal_entry_date=body.journal_entry_date,
        items=[_new_item(item, payload) for item, payload in items],
        notes=body.notes,
        segments=[segment.model_dump(by_alias=True) for segment in body.segments or ()],
        transaction_type=body.transaction_type,
        organization_label=body.organization_label,
        transferred=body.transferred_to_accounting or Transferred.NO,
        custom_fields=custom_fields(call.payload),
    )


def _new_item(item: NewEntryItem, payload: Mapping[str, Any]) -> NewItem:
    return NewItem(
        code_name=item.accounting_code_name,
        code_type=item.accounting_code_type,
        side=item.type,
        amount=item.amount,
        home_currency_amount=item.home_currency_amount,
        gl_string=item.gl_string,
        notes=item.notes,
        custom_fields=custom_fields(payload),
    )


def _draft(call: Call) -> ChangeDraft:
    return ChangeDraft(number=_number(call), content=_new(call))


def _annotate(call: Call) -> AnnotateEntry:
    body: ChangedEntry = call.body
    sent = call.payload.get("journalEntryItems") or ()
    items = zip(body.journal_entry_items or (), sent, strict=True)
    return AnnotateEntry(
        number=_number(call),
        changes=body.model_dump(exclude_unset=True, include={"notes"}),
        transferred=body.transferred_to_accounting,
        items=[_annotate_item(item, payload) for item, payload in items],
        custom_fields=custom_fields(call.payload),
    )


def _annotate_item(item: ChangedItem, payload: Mapping[str, Any]) -> AnnotateItem:
    return AnnotateItem(
        code_name=item.accounting_code_name,
        code_type=item.accounting_code_type,
        side=item.type,
        changes=item.model_dump(exclude_unset=True, include={"notes"}),
        custom_fields=custom_fields(payload),
    )


def _review(call: Call) -> Review:
    body: ReviewComment = call.body
    return Review(number=_number(call), comment=body.comment)


def _number(call: Call) -> str:
    return call.path["je-number"]


def _created(call: Call, entry: JournalEntry) -> Mapping[str, object]:
    del call
    return {"success": True, "journalEntryNumber": entry.number}


def _get(books: Books, call: Call) -> Mapping[str, object]:
    view = read_journal_entry(books, _number(call))
    return {**wire_entry(view, books.settings.zone), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    page, zone = page_of(call, PAGE_SIZE), books.settings.zone
    found = entries_of_run(books, call.path["jr-number"], page.limit, page.offset)
    return answer_page(call, page, "journalEntries", found, lambda view: wire_entry(view, zone))


def _action(
    name: str, operation: str, summary: str, use_case: UseCase[str, JournalEntry]
) -> Operation:
    """Return an operation that is all in its path: the official client sends no body."""
    return Operation(
        method="PUT",
        path=f"{ONE}/{name}",
        id=operation,
        tag=TAG,
        summary=summary,
        answer=V1Answer,
        work=Write(use_case, _number, done),
    )


def _reviewing(
    name: str, operation: str, summary: str, use_case: UseCase[Review, JournalEntry]
) -> Operation:
    """Return an operation whose body may hold a comment."""
    return Operation(
        method="PUT",
        path=f"{ONE}/{name}",
        id=operation,
        tag=TAG,
        summary=summary,
        resource=RESOURCE,
        body=ReviewComment,
        body_required=False,
        answer=V1Answer,
        work=Write(use_case, _review, done),
    )


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="createSummaryJournalEntry",
        tag=TAG,
        summary="Create a summary journal entry",
        resource=RESOURCE,
        body=NewEntry,
        answer=EntryCreated,
        work=Write(single(create_journal_entry), _new, _created),
    ),
    Operation(
        method="GET",
        path=f"{PATH}/journal-runs/{{jr-number}}",
        id="getAllSummaryJournalEntries",
        tag=TAG,
        summary="List all summary journal entries in a journal run",
        parameters=page_parameters(PAGE_SIZE),
        answer=EntryList,
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="getSummaryJournalEntry",
        tag=TAG,
        summary="Retrieve a summary journal entry",
        answer=EntryAnswer,
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=ONE,
        id="updateDraftSummaryJournalEntry",
        tag=TAG,
        summary="Update a draft summary journal entry",
        resource=RESOURCE,
        body=NewEntry,
        answer=V1Answer,
        work=Write(single(change_draft), _draft, done),
    ),
    Operation(
        method="PUT",
        path=f"{ONE}/basic-information",
        id="updateBasicSummaryJournalEntry",
        tag=TAG,
        summary="Update the basic information of a summary journal entry",
        resource=RESOURCE,
        body=ChangedEntry,
        answer=V1Answer,
        work=Write(single(annotate_journal_entry), _annotate, done),
    ),
    _action(
        "cancel",
        "cancelSummaryJournalEntry",
        "Cancel a summary journal entry",
        single(cancel_journal_entry),
    ),
    _action(
        "submit-for-review",
        "submitSummaryJournalEntry",
        "Submit a summary journal entry for review",
        single(submit_journal_entry),
    ),
    _reviewing(
        "approve",
        "approveSummaryJournalEntry",
        "Approve a summary journal entry",
        single(approve_journal_entry),
    ),
    _reviewing(
        "reject",
        "rejectSummaryJournalEntry",
        "Reject a summary journal entry",
        single(reject_journal_entry),
    ),
    _action(
        "revert-to-draft",
        "returnSummaryJournalEntryToDraft",
        "Return a rejected summary journal entry to draft",
        single(revert_journal_entry),
    ),
    Operation(
        method="DELETE",
        path=ONE,
        id="deleteSummaryJournalEntry",
        tag=TAG,
        summary="Delete a summary journal entry",
        answer=V1Answer,
        work=Write(single(delete_journal_entry), _number, done),
    ),
)
