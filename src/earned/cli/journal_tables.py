"""Journal entries as a table: a line for each item."""

from collections.abc import Mapping, Sequence
from typing import Any

from earned.cli.output import say_table

_HEADINGS = ("entry", "status", "transaction type", "code", "currency", "debit", "credit")


def say_entries(entries: Sequence[Mapping[str, Any]]) -> None:
    """Print entries as they are answered; where there are none, nothing."""
    rows = [row for entry in entries for row in _rows(entry)]
    if rows:
        say_table(_HEADINGS, rows)


def _rows(entry: Mapping[str, Any]) -> Sequence[Sequence[str]]:
    kind = entry["transactionType"] or "by hand"
    words = (entry["number"], entry["status"], kind)
    return [
        (*words, _code(item), entry["currency"], *_sides(item))
        for item in entry["journalEntryItems"]
    ]


def _code(item: Mapping[str, Any]) -> str:
    """Name the code; a blank one goes by its type."""
    return str(item["accountingCodeName"] or item["accountingCodeType"])


def _sides(item: Mapping[str, Any]) -> tuple[str, str]:
    amount = str(item["amount"])
    return (amount, "") if item["type"] == "Debit" else ("", amount)
