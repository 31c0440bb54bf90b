"""Journal entries as files: for people and spreadsheets, for QuickBooks, for NetSuite.

All amounts are in major units with the decimals of their currency. The same entries make the same
file, byte for byte.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from types import MappingProxyType

from earned.domain.errors import RuleBroken
from earned.domain.journal import Segments, Transferred
from earned.domain.posting import Side
from earned.domain.spreadsheet import as_text

_LINE_END = "\r\n"
_HEADINGS = (
    *("journalRun", "journalEntry", "journalEntryDate", "accountingPeriod", "transactionType"),
    *("currency", "accountingCode", "accountingCodeType", "glAccountNumber", "glAccountName"),
    *("debit", "credit", "transferredToAccounting", "notes", "glString", "segments"),
)
_IIF_TRANSACTION = ("!TRNS", "TRNSTYPE", "DATE", "ACCNT", "AMOUNT", "DOCNUM", "MEMO")
_IIF_SPLIT = ("!SPL", *_IIF_TRANSACTION[1:])
_NETSUITE = ("External ID", "Date", "Currency", "Memo", "Account", "Debit", "Credit", "Line Memo")


class FileFormat(StrEnum):
    """What a file of journal entries is for."""

    CSV = "csv"
    IIF = "iif"
    NETSUITE = "netsuite"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportItem:
    """An item of an entry as a file has it."""

    side: Side
    code_name: str | None
    code_type: str
    gl_number: str | None
    gl_name: str | None
    amount: Decimal
    notes: str | None
    gl_string: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEntry:
    """An entry as a file has it."""

    number: str
    run_number: str | None
    period_name: str | None
    day: date
    currency: str
    transaction_type: str | None
    transferred: Transferred
    notes: str | None
    segments: Segments
    items: Sequence[ExportItem]

    @property
    def is_to_transfer(self) -> bool:
        """Whether the ledger outside is still to get it."""
        return self.transferred not in {Transferred.YES, Transferred.IGNORE}

    @property
    def memo(self) -> str:
        """What the ledger outside is told of it."""
        return " ".join(filter(None, (self.transaction_type, self.period_name)))


def write(entries: Sequence[ExportEntry], form: FileFormat) -> str:
    """Return a file of entries.

    A file for another ledger has only entries that it does not have yet: neither those that were
    transferred nor those to be ignored. Raises `RuleBroken` for what a format cannot say.
    """
    return _WRITERS[form](entries)


def _write_csv(entries: Sequence[ExportEntry]) -> str:
    rows = (_csv_row(entry, item) for entry in entries for item in entry.items)
    return _delimited(_HEADINGS, rows)


def _csv_row(entry: ExportEntry, item: ExportItem) -> Sequence[str]:
    words = (
        *(entry.run_number, entry.number, str(entry.day), entry.period_name),
        *(entry.transaction_type, entry.currency),
        *(item.code_name, item.code_type, item.gl_number, item.gl_name),
    )
    segments = "; ".join(f"{one['segmentName']}={one['segmentValue']}" for one in entry.segments)
    last = (item.notes or entry.notes, item.gl_string, segments)
    return [*map(_safe, words), *_sides(item), entry.transferred, *map(_safe, last)]


def _write_iif(entries: Sequence[ExportEntry]) -> str:
    """Write for QuickBooks Desktop: tabs between fields, credits negative, no currency."""
    going = [entry for entry in entries if entry.is_to_transfer]
    if len({entry.currency for entry in going}) > 1:
        raise RuleBroken(
            "An IIF file has no currency: choose one of the currencies of the journal entries.",
            field="currency",
        )
    rows = [_IIF_TRANSACTION, _IIF_SPLIT, ("!ENDTRNS",)]
    for entry in going:
        rows += [*_iif_rows(entry), ("ENDTRNS",)]
    return "".join("\t".join(row) + _LINE_END for row in rows)


def _iif_rows(entry: ExportEntry) -> Iterator[tuple[str, ...]]:
    for place, item in enumerate(entry.items):
        amount = item.amount if item.side is Side.DEBIT else item.amount.copy_negate()
        yield (
            "SPL" if place else "TRNS",
            "GENERAL JOURNAL",
            _american(entry.day),
            _plain(item.gl_name or item.code_name or item.code_type),
            str(amount),
            entry.number,
            _plain(item.notes or entry.memo),
        )


def _write_netsuite(entries: Sequence[ExportEntry]) -> str:
    """Write for the CSV import of NetSuite; its external id keeps an entry from coming twice."""
    going = [entry for entry in entries if entry.is_to_transfer]
    rows = (_netsuite_row(entry, item) for entry in going for item in entry.items)
    return _delimited(_NETSUITE, rows)


def _netsuite_row(entry: ExportEntry, item: ExportItem) -> Sequence[str]:
    """NetSuite takes account numbers, and names where there are none."""
    account = item.gl_number or item.gl_name or item.code_name or item.code_type
    heading = (entry.number, _american(entry.day), entry.currency, entry.notes or entry.memo)
    return [*heading, account, *_sides(item), item.notes or ""]


def _delimited(headings: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    file = StringIO()
    writer = csv.writer(file, lineterminator=_LINE_END)
    writer.writerow(headings)
    writer.writerows(rows)
    return file.getvalue()


def _sides(item: ExportItem) -> tuple[str, str]:
    """Return the amount in the column of its side."""
    amount = str(item.amount)
    return (amount, "") if item.side is Side.DEBIT else ("", amount)


def _american(day: date) -> str:
    return f"{day:%m/%d/%Y}"


def _plain(text: str) -> str:
    """Return text without what would end a field: there is no way to quote it."""
    return " ".join(text.replace('"', "'").split())


def _safe(text: str | None) -> str:
    return as_text(text or "")


_WRITERS: Mapping[FileFormat, Callable[[Sequence[ExportEntry]], str]] = MappingProxyType(
    {
        FileFormat.CSV: _write_csv,
        FileFormat.IIF: _write_iif,
        FileFormat.NETSUITE: _write_netsuite,
    }
)
