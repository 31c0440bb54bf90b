"""What an import did, and which rows it refused and why."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from earned.cli.output import complain, say
from earned.cli.usage_file import Row
from earned.domain.errors import EarnedError
from earned.domain.usage_columns import Layout

_SHOWN = 20
_REASONS_HELD = 1000
_OTHER = "(other reasons)"


class Refusal(NamedTuple):
    """Why a row was refused, and the column at fault."""

    column: str
    reason: str


@dataclass(slots=True)
class Report:
    """How far an import has come. Holds reasons and a few rows, however many are refused."""

    rows: int = 0
    last_row: int = 1
    stored: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    reasons: Counter[Refusal] = field(default_factory=Counter)
    shown: list[tuple[int, Refusal]] = field(default_factory=list)
    interrupted: bool = False
    dry_run: bool = False

    def count(self, became: str) -> None:
        """Count a row that was not refused: `stored`, `changed` or `unchanged`."""
        setattr(self, became, getattr(self, became) + 1)

    def refuse(self, row: Row, refusal: Refusal) -> None:
        """Count a refused row under its first reason."""
        self.refused += 1
        is_new = refusal not in self.reasons
        full = len(self.reasons) >= _REASONS_HELD
        self.reasons[Refusal("", _OTHER) if is_new and full else refusal] += 1
        if len(self.shown) < _SHOWN:
            self.shown.append((row.number, refusal))

    def wire(self) -> dict[str, object]:
        """Return the report for machines."""
        reasons = [
            {"column": refusal.column, "reason": refusal.reason, "rows": count}
            for refusal, count in self.reasons.most_common()
        ]
        return {
            "success": True,
            "rows": self.rows,
            "stored": self.stored,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "reasons": reasons,
            "lastRow": self.last_row,
            "interrupted": self.interrupted,
            "dryRun": self.dry_run,
        }

    def tell(self, layout: Layout, *, keyed: bool) -> None:
        """Print the report for people."""
        would = "would be " if self.dry_run else ""
        say(
            f"{self.rows:,} rows: {self.stored:,} {would}stored, {self.changed:,} {would}changed, "
            f"{self.unchanged:,} already there, {self.refused:,} refused."
        )
        if layout.unused:
            say(f"Columns not used: {', '.join(layout.unused)}.")
        self._tell_refused()
        if self.interrupted:
            again = "The same command again goes on from there and doubles nothing."
            complain(
                f"Stopped as asked; everything up to row {self.last_row} is done.",
                again if keyed and not self.dry_run else "",
            )

    def _tell_refused(self) -> None:
        if not self.refused:
            return
        say("", "Refused:")
        for number, refusal in self.shown:
            say(f"  row {number}: {_text(refusal)}")
        if self.refused > len(self.shown):
            say(f"  and {self.refused - len(self.shown):,} more; --rejects FILE writes them all")
        say("", "By reason:")
        for refusal, count in self.reasons.most_common():
            say(f"  {count:>8,}  {_text(refusal)}")


def refusal_of(layout: Layout, refusal: EarnedError) -> Refusal:
    """Return the first reason of a refusal, and the file's column it is about."""
    problem = refusal.problems[0]
    return Refusal(layout.column_of(problem.field, problem.message), problem.message)


def _text(refusal: Refusal) -> str:
    return f"{refusal.reason} ({refusal.column})" if refusal.column else refusal.reason


@dataclass(frozen=True, slots=True)
class Rejects:
    """A CSV file of refused rows: why, and the row as it was, to be mended and imported."""

    writer: Any

    def add(self, row: Row, refusal: Refusal) -> None:
        """Write a refused row."""
        if self.writer is not None:
            self.writer.writerow([row.number, refusal.column, refusal.reason, *row.cells])


@contextmanager
def rejecting(path: Path | None, header: Sequence[str], delimiter: str) -> Iterator[Rejects]:
    """Lend the file for refused rows; nothing is written where none is asked for."""
    if path is None:
        yield Rejects(None)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["REFUSED_ROW", "REFUSED_COLUMN", "REFUSED_REASON", *header])
        yield Rejects(writer)
