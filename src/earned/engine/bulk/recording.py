"""Record the rows of a file: in sets where they are plain, by the services where they are not."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from earned.domain.errors import EarnedError
from earned.engine.bulk.checking import Checked, Sheet
from earned.engine.bulk.drawing import count_in, draw_rows
from earned.engine.bulk.holding import Held, lock_records
from earned.engine.bulk.keyed import GROUP, sort_out_keys
from earned.engine.bulk.opening import OpenBooks, fits, is_over, is_plain
from earned.engine.bulk.resolving import Guide, Kind, Resolved, Shared, resolve_rows, spread
from earned.engine.bulk.spooling import Cells, sent_rows
from earned.engine.bulk.writing import Writer
from earned.engine.duck import Scratch
from earned.services.open_series import lock_ratings
from earned.services.ports import Books
from earned.services.record_usage import Outcome, record_usage

_REVERSED = "SELECT DISTINCT kind_no FROM typed WHERE quantity < 0"
_QUANTITIES = "SELECT kind_no, sum(abs(quantity)) FROM typed GROUP BY kind_no"
_KEYED = "SELECT DISTINCT kind_no FROM typed JOIN odd_key USING (unique_key)"
_PLAIN = """CREATE OR REPLACE TABLE plain AS FROM typed
    WHERE kind_no NOT IN (SELECT kind_no FROM odd_kind)"""
_COUNT = "SELECT count(*) FROM plain"
_NOTHING_RECORDED = "CREATE OR REPLACE TABLE recorded_as (row BIGINT, id VARCHAR)"
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
        scratch.run(_NOTHING_RECORDED)
        self._reversed: set[Shared] = set()
        self._held: set[str] = set()

    def hold(self, held: Held) -> None:
        """Lock what rows change and draw on before the first of them: everybody does in one order.

        Ratings too that are not there yet: whoever else would store them waits.
        """
        lock_records(self._books, held.records)
        self._opened.open_balances(held.balances)
        unheld = held.ratings.keys() - self._held
        lock_ratings(self._books, {identity: held.ratings[identity] for identity in unheld})
        self._held |= unheld

    def record(self, checked: Checked) -> Recorded:
        """Record the rows of `good`; nothing of them is in the books before `write`."""
        resolved = resolve_rows(self._scratch, self._books)
        recorded = Recorded(refused=[*checked.refused, *resolved.refused])
        keyed = sort_out_keys(self._scratch, self._books, resolved.kinds)
        recorded.unchanged = len(keyed.unchanged)
        held = Held()
        drawn = held.add_records(self._books, keyed.odd)
        held.add(resolved.kinds.values())
        self.hold(held)
        odd, shared = self._odd_kinds(resolved, keyed.odd, drawn)
        self._scratch.fill("odd_kind", {"kind_no": "BIGINT"}, ((number,) for number in odd))
        self._scratch.run(_PLAIN)
        kinds = {n: kind for n, kind in resolved.kinds.items() if n not in odd}
        numbered = draw_rows(self._scratch, self._opened, kinds)
        count_in(self._scratch, self._opened, numbered)
        self._writer.add(kinds, numbered)
        recorded.stored = self._scratch.value(_COUNT)
        if odd:
            if keyed.odd and not shared.isdisjoint(self._reversed):
                # Whoever undoes a record asks for all that reversed it.
                self._writer.write(midway=True)
            self._opened.store()
            self._opened.let_go(shared)
            recorded.others = list(self._record_others())
        reversing = (kinds.get(number) for (number,) in self._scratch.rows(_REVERSED))
        self._reversed |= {one for kind in reversing if kind for one in kind.shared}
        return recorded

    def usage_id(self, number: str) -> str:
        """Return the expression of the id of a record whose number in `numbered_row` is given."""
        return self._writer.usage_id(number)

    def write(self) -> None:
        """Have the books take in all that was recorded since."""
        self._writer.write()
        self._opened.store()

    def _odd_kinds(
        self, resolved: Resolved, keys: set[str], drawn: set[Shared]
    ) -> tuple[set[int], set[Shared]]:
        """Return the kinds of rows that the services record, and what they draw on.

        `drawn` is what the records that have `keys` draw on.
        """
        kinds = resolved.kinds
        shared = drawn | {one for guide in self._odd_guides(kinds) for one in guide.shared}
        numbers: set[int] = set()
        if keys:
            self._scratch.fill("odd_key", {"unique_key": "VARCHAR"}, ((key,) for key in keys))
            numbers = {number for (number,) in self._scratch.rows(_KEYED)}
        return spread(kinds, shared, numbers) if shared or numbers else (numbers, shared)

    def _odd_guides(self, kinds: Mapping[int, Kind]) -> Iterator[Guide]:
        """Yield the guides whose rows are drawn one by one, or need more than numbers hold."""
        opened = self._opened
        opened.find_individual(guide.charge for kind in kinds.values() for guide in kind.guides)
        needed: defaultdict[Shared, int] = defaultdict(int)
        quantities = dict(self._scratch.rows(_QUANTITIES))
        plain: dict[str, bool] = {}
        for kind in kinds.values():
            for guide in kind.guides:
                key = guide.charge.id
                if key not in plain:
                    plain[key] = is_plain(guide, opened)
                if not plain[key] or is_over(guide, kind.resolved.day, opened):
                    yield guide
                    continue
                (one,) = guide.shared
                needed[one] += quantities.get(kind.number, 0)
                if not fits(guide, needed[one]):
                    yield guide

    def _record_others(self) -> Iterator[tuple[int, Cells, Outcome]]:
        """Have the services record the rows that are not plain, in their order."""
        rows = sent_rows(self._scratch, len(self._sheet.layout.header), _OTHERS)
        while group := list(islice(rows, GROUP)):
            commands = [self._sheet.command(number, cells) for number, cells in group]
            outcomes = record_usage(self._books, commands)
            for (number, cells), outcome in zip(group, outcomes, strict=True):
                yield number, cells, outcome
