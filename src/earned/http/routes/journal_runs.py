"""Journal runs: `/v1/journal-runs` (R 6.2)."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from earned.domain.journal import JournalRun
from earned.domain.journal_export import FileFormat
from earned.domain.journal_rules import check_fixed
from earned.domain.posting import TransactionType
from earned.http.answers import V1Answer
from earned.http.done import done
from earned.http.journal_answers import RunAnswer
from earned.http.operation import Call, Download, Operation, Parameter, Read, Write
from earned.http.parameters import choice_of
from earned.http.validation import V1Request, WireDay, custom_fields
from earned.services.cancel_journal import cancel_journal_run, delete_journal_run
from earned.services.export_journal import ExportJournal, export_journal
from earned.services.ports import Books
from earned.services.read_journal import read_journal_run
from earned.services.run_journal import RunJournal, run_journal
from earned.services.show_journal import wire_run
from earned.services.work import single

RESOURCE = 510000
PATH = "/v1/journal-runs"
ONE = f"{PATH}/{{jr-number}}"
TAG = "Journal runs"
TYPES_MAX = 100
LABELS_MAX = 100


class PickedType(V1Request):
    """A transaction type that the run picks up."""

    type: TransactionType


class Organization(V1Request):
    """An organisation whose transactions the run picks up."""

    organization_id: str


class NewJournalRun(V1Request):
    """Which transactions to make entries of: those of a period, or of days inside one period."""

    transaction_types: Annotated[list[PickedType], Field(min_length=1, max_length=TYPES_MAX)]
    accounting_period_name: str | None = None
    target_start_date: WireDay | None = None
    target_end_date: WireDay | None = None
    journal_entry_date: Annotated[
        WireDay | None, Field(description="The last day of the period by default.")
    ] = None
    organization_labels: Annotated[list[Organization], Field(max_length=LABELS_MAX)] | None = None


class JournalRunCreated(V1Answer):
    """Which run was made."""

    journal_run_number: str


def _new(call: Call) -> RunJournal:
    check_fixed(call.payload)
    body: NewJournalRun = call.body
    return RunJournal(
        transaction_types=[picked.type for picked in body.transaction_types],
        accounting_period_name=body.accounting_period_name,
        target_start_date=body.target_start_date,
        target_end_date=body.target_end_date,
        journal_entry_date=body.journal_entry_date,
        organization_ids=[one.organization_id for one in body.organization_labels or ()],
        custom_fields=custom_fields(call.payload),
    )


def _number(call: Call) -> str:
    return call.path["jr-number"]


def _created(call: Call, run: JournalRun) -> Mapping[str, object]:
    del call
    return {"success": True, "journalRunNumber": run.number}


def _get(books: Books, call: Call) -> Mapping[str, object]:
    view = read_journal_run(books, _number(call))
    return {**wire_run(view, books.settings.zone), "success": True}


def _export(books: Books, call: Call) -> Download:
    form = FileFormat(choice_of(call, "format", tuple(FileFormat)))
    query = ExportJournal(
        run_number=_number(call), form=form, currency=call.first("currency") or None
    )
    made = export_journal(books, query)
    media_type = "text/plain" if form is FileFormat.IIF else "text/csv"
    return Download(made.content, media_type, made.name)


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="createJournalRun",
        tag=TAG,
        summary="Create a journal run",
        resource=RESOURCE,
        body=NewJournalRun,
        answer=JournalRunCreated,
        work=Write(single(run_journal), _new, _created),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="getJournalRun",
        tag=TAG,
        summary="Retrieve a journal run",
        answer=RunAnswer,
        work=Read(_get),
    ),
    Operation(
        method="GET",
        path=f"{ONE}/export",
        id="exportJournalRun",
        tag=TAG,
        summary="Export the journal entries of a run as a file",
        parameters=(
            Parameter(
                "format",
                "`iif` is for QuickBooks Desktop, `netsuite` for the CSV import of NetSuite.",
                {"type": "string", "enum": [*FileFormat], "default": FileFormat.CSV.value},
            ),
            Parameter("currency", "Only entries in this currency."),
        ),
        work=Read(_export),
    ),
    Operation(
        method="PUT",
        path=f"{ONE}/cancel",
        id="cancelJournalRun",
        tag=TAG,
        summary="Cancel a journal run",
        answer=V1Answer,
        work=Write(single(cancel_journal_run), _number, done),
    ),
    Operation(
        method="DELETE",
        path=ONE,
        id="deleteJournalRun",
        tag=TAG,
        summary="Delete a journal run",
        answer=V1Answer,
        work=Write(single(delete_journal_run), _number, done),
    ),
)
