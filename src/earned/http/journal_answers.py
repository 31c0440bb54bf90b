"""How journal runs and entries look on the wire (R 6.2, R 6.4). Amounts are strings there."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from earned.domain.journal import (
    EntryStatus,
    JournalEntryItem,
    JournalRun,
    RunStatus,
    Transferred,
)
from earned.domain.money import major
from earned.domain.posting import Side, TransactionType
from earned.http.answers import V1Answer
from earned.http.stamps import printed, v1_stamps
from earned.services.read_journal import EntryView

Json = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", alias_generator=to_camel)


class TypeOfRun(_Part):
    """A transaction type that a run picks up."""

    type: TransactionType


class RunAnswer(V1Answer):
    """A journal run."""

    number: str
    status: RunStatus
    executed_on: str | None
    journal_entry_date: date
    accounting_period_name: str | None
    target_start_date: date
    target_end_date: date
    aggregate_currency: bool
    segmentation_rule_name: str | None
    total_journal_entry_count: int
    transaction_types: list[TypeOfRun]
    organization_labels: list[dict[str, str]]


class EntryItemAnswer(_Part):
    """An item of a journal entry."""

    type: Side
    accounting_code_name: str | None
    accounting_code_type: str
    amount: str
    home_currency_amount: str | None
    gl_account_name: str | None
    gl_account_number: str | None
    gl_string: str | None
    notes: str | None


class EntryFields(_Part):
    """A journal entry. `hash` is that of its seal, `previousHash` what it was made from."""

    number: str
    status: EntryStatus
    accounting_period_name: str | None
    journal_run_number: str | None
    journal_entry_date: date
    time_period_start: date | None
    time_period_end: date | None
    transaction_type: str | None
    currency: str
    home_currency: str | None
    aggregate_currency: bool
    segments: list[dict[str, str]]
    organization_label: str | None
    notes: str | None
    review_comment: str | None
    transferred_to_accounting: Transferred
    transfer_date_time: str | None
    transferred_by: str | None
    journal_entry_items: list[EntryItemAnswer]
    sequence: int | None
    previous_hash: str | None
    hash: str | None


class EntryAnswer(EntryFields, V1Answer):
    """One journal entry."""


class EntryList(V1Answer):
    """A page of the entries of a journal run, by number."""

    journal_entries: list[EntryFields]
    next_page: str | None = None


def present_run(run: JournalRun, period_name: str | None, zone: ZoneInfo) -> Json:
    """Return a run as it is answered."""
    return {
        "number": run.number,
        "status": run.status,
        "executedOn": run.executed_at and printed(run.executed_at, zone),
        "journalEntryDate": run.journal_entry_date,
        "accountingPeriodName": period_name,
        "targetStartDate": run.target_start,
        "targetEndDate": run.target_end,
        "aggregateCurrency": False,
        "segmentationRuleName": None,
        "totalJournalEntryCount": run.entry_count,
        "transactionTypes": [{"type": name} for name in run.transaction_types],
        "organizationLabels": [{"organizationId": one} for one in run.organization_ids],
        **v1_stamps(run, zone),
        **run.custom_fields,
    }


def present_entry(view: EntryView, zone: ZoneInfo) -> Json:
    """Return an entry as it is answered."""
    entry = view.entry
    return {
        "number": entry.number,
        "status": entry.status,
        "accountingPeriodName": view.period_name,
        "journalRunNumber": view.run_number,
        "journalEntryDate": entry.journal_entry_date,
        "timePeriodStart": entry.time_start,
        "timePeriodEnd": entry.time_end,
        "transactionType": entry.transaction_type,
        "currency": entry.currency,
        "homeCurrency": None,
        "aggregateCurrency": False,
        "segments": entry.segments,
        "organizationLabel": entry.organization_label,
        "notes": entry.notes,
        "reviewComment": entry.review_comment,
        "transferredToAccounting": entry.transferred,
        "transferDateTime": entry.transferred_at and printed(entry.transferred_at, zone),
        "transferredBy": entry.transferred_by,
        "journalEntryItems": [_item(view, item) for item in view.items],
        **_seal(view),
        **v1_stamps(entry, zone),
        **entry.custom_fields,
    }


def _item(view: EntryView, item: JournalEntryItem) -> Json:
    code = view.codes.get(item.code_name or "")
    return {
        "type": item.side,
        "accountingCodeName": item.code_name,
        "accountingCodeType": item.code_type,
        "amount": str(major(item.amount_minor, view.currency)),
        "homeCurrencyAmount": None,
        "glAccountName": code and code.gl_account_name,
        "glAccountNumber": code and code.gl_account_number,
        "glString": item.gl_string,
        "notes": item.notes,
        **item.custom_fields,
    }


def _seal(view: EntryView) -> Mapping[str, object]:
    seal = view.seal
    return {
        "sequence": seal and seal.sequence,
        "previousHash": seal and seal.previous_hash,
        "hash": seal and seal.hash,
    }
