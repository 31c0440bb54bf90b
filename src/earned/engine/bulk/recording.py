"""Record the rows of a file: in sets where they are plain, by the services where they are not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from earned.domain.errors import EarnedError
from earned.engine.bulk.checking import Checked, Sheet
from earned.engine.bulk.drawing import count_in, draw_rows
from earned.engine.bulk.keyed import GROUP, sort_out_keys
from earned.engine.bulk.opening import OpenBooks, is_plain
from earned.engine.bulk.resolving import Guide, Resolved, Shared, resolve_rows, spread
from earned.engine.bulk.spooling import Cells, sent_rows
from earned.engine.bulk.writing import Writer
from earned.engine.duck import Scratch
from earned.services.ports import Books
from earned.services.reach import balance_ids, balances_drawn
from earned.services.record_usage import Outcome, record_usage
from earned.services.usage_change import guides_of

_NEGATIVE = "SELECT DISTINCT kind_no FROM typed WHERE quantity < 0"
_KEYED = "SELECT DISTINCT kind_no FROM typed JOIN odd_key USING (unique_key)"
_PLAIN = """CREATE OR REPLACE TABLE plain AS FROM typed
    WHERE kind_no NOT IN (SELECT kind_no FROM odd_kind)"""
_COUNT = "SELECT count(*) FROM plain"
_OTHERS = "row IN (SELECT row FROM typed SEMI JOIN odd_kind USING (kind_no))"


@dataclass(slots=True)
class Recorded:
    """What became of rows: `stored` in sets, `others` one by one, the rest refused.

    Or `unchanged`: in the books under their keys as they are.
    """

    stored: int = 0
    unchanged: int = 0
    others: list[tuple[int, Cells, Outcome]] = field(default_factory=list)
    refused: list[tuple[int, EarnedError]] = field(default_factory=list)


class Recorder:
    """Records rows that are checked, in one transaction."""

    def __init__(self, scratch: Scratch, books: Books, sheet: Sheet) -> None:
        """Record in `books` what a sheet has."""
        self._scratch, self._books, self._sheet = scratch, books, sheet
        self._opened = OpenBooks(books)
        self._writer = Writer(scratch, books, sheet)

    def record(self, checked: Checked) -> Recorded:
        """Record the rows of `good`; nothing of them is in the books before `write`."""
        resolved = resolve_rows(self._scratch, self._books)
        recorded = Recorded(refused=[*checked.refused, *resolved.refused])
        keyed = sort_out_keys(self._scratch, self._books, resolved.kinds)
        recorded.unchanged = keyed.unchanged
        odd, shared = self._odd_kinds(resolved, keyed.odd)
        self._scratch.fill("odd_kind", {"kind_no": "BIGINT"}, ((number,) for number in odd))
        self._scratch.run(_PLAIN)
        kinds = {n: kind for n, kind in resolved.kinds.items() if n not in odd}
        numbered = draw_rows(self._scratch, self._opened, kinds)
        count_in(self._scratch, self._opened, numbered)
        self._writer.add(kinds, numbered)
        recorded.stored = self._scratch.value(_COUNT)
        if odd:
            self._opened.store()
            self._opened.let_go(shared)
            recorded.others = list(self._record_others())
        return recorded

    def write(self) -> None:
        """Have the books take in all that was recorded since."""
        self._writer.write()
        self._opened.store()

    def _odd_kinds(self, resolved: Resolved, keys: set[str]) -> tuple[set[int], set[Shared]]:
        """Return the kinds of rows that the services record, and what they draw on."""
        kinds, opened = resolved.kinds, self._opened
        guides = [guide for kind in kinds.values() for guide in kind.guides]
        opened.open_balances(identity for guide in guides for identity in guide.balance_ids)
        odd = [guide for guide in guides if not is_plain(guide, opened)]
        shared = {one for guide in odd for one in guide.shared}
        numbers = {number for (number,) in self._scratch.rows(_NEGATIVE)}
        if keys:
            shared |= self._drawn_by(keys)
            self._scratch.fill("odd_key", {"unique_key": "VARCHAR"}, ((key,) for key in keys))
            numbers |= {number for (number,) in self._scratch.rows(_KEYED)}
        return spread(kinds, shared, numbers) if shared or numbers else (numbers, shared)

    def _drawn_by(self, keys: Iterable[str]) -> set[Shared]:
        """Return what the records that have these keys draw on."""
        books = self._books.entire
        shared: set[Shared] = set()
        rest = iter(keys)
        while some := list(islice(rest, GROUP)):
            found = books.usage.list(unique_key=some)
            for charge, _ in guides_of(books, found):
                shared |= Guide(charge, balance_ids(books, charge)).shared
            shared |= {("balance", identity) for identity in balances_drawn(books, found)}
        return shared

    def _record_others(self) -> Iterator[tuple[int, Cells, Outcome]]:
        """Have the services record the rows that are not plain, in their order."""
        rows = sent_rows(self._scratch, len(self._sheet.layout.header), _OTHERS)
        while group := list(islice(rows, GROUP)):
            commands = [self._sheet.command(number, cells) for number, cells in group]
            outcomes = record_usage(self._books, commands)
            for (number, cells), outcome in zip(group, outcomes, strict=True):
                yield number, cells, outcome
