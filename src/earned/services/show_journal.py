"""How journal runs and entries look on the wire and on the command line (R 6.2, R 6.4).

Amounts are strings, in major units. Nothing is converted, so there is no home currency; there are
no segmentation rules.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from earned.domain.journal import JournalEntryItem
from earned.domain.money import major
from earned.domain.stamps import printed, v1_stamps
from earned.services.read_journal import EntryView, RunView

Json = dict[str, Any]


def wire_run(view: RunView, zone: ZoneInfo) -> Json:
    """Return a run as it is answered."""
    run = view.run
    return {
        "number": run.number,
        "status": run.status,
        "executedOn": run.executed_at and printed(run.executed_at, zone),
        "journalEntryDate": run.journal_entry_date,
        "accountingPeriodName": view.period_name,
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


def wire_entry(view: EntryView, zone: ZoneInfo) -> Json:
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
