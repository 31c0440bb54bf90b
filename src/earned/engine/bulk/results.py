"""What became of the rows of an upload, kept on the desk until it is told as a file."""

from collections.abc import Iterable, Iterator

from earned.domain.import_result import (
    RECORDED,
    REFUSED,
    places_told,
    refused_line,
    result_header,
)
from earned.domain.usage_columns import Layout
from earned.domain.usage_import import Refusals, RefusedRow
from earned.engine.bulk.spooling import Cells, sent_rows
from earned.engine.duck import Scratch, quoted
from earned.services.store_result import Lines

BLOCK = 1024 * 1024
_TOGETHER = 1000
_HELD = 10_000

_COLUMNS = {"row": "BIGINT", "refused_column": "VARCHAR", "reason": "VARCHAR"}
_NONE = "CREATE OR REPLACE TABLE refused_row (row BIGINT, refused_column VARCHAR, reason VARCHAR)"
_LEAVE_OUT = """CREATE TABLE IF NOT EXISTS left_out AS FROM sent LIMIT 0;
    INSERT INTO left_out FROM sent SEMI JOIN refused_row USING (row);
    DELETE FROM sent WHERE row IN (SELECT row FROM left_out)"""
_PUT_BACK = "INSERT INTO sent FROM left_out; DELETE FROM left_out"
_REFUSED = "SELECT * FROM refused_row ORDER BY row"
_IS_REFUSED = "row IN (SELECT row FROM refused_row)"
_RECORDED_ROWS = """SELECT sent.row, coalesce(recorded_as.id, {usage_id}){cells}
    FROM (FROM sent WHERE row BETWEEN {first} AND {last}) sent
    LEFT JOIN (FROM recorded_as WHERE row BETWEEN {first} AND {last}) recorded_as USING (row)
    LEFT JOIN (FROM numbered_row WHERE row BETWEEN {first} AND {last}) numbered_row USING (row)
    ORDER BY sent.row"""


class RefusedRows:
    """The rows that are refused, few of them in memory."""

    def __init__(self, desk: Scratch) -> None:
        """Begin with none."""
        self._desk = desk
        self._some: list[RefusedRow] = []
        self.refusals = Refusals()
        desk.run(_NONE)

    def add(self, row: RefusedRow) -> None:
        """Note a row."""
        self.refusals.add([row])
        self._some.append(row)
        if len(self._some) == _HELD:
            self.keep()

    def keep(self) -> None:
        """Have all of them on the desk."""
        self._desk.fill("some_refused", _COLUMNS, self._some)
        self._desk.run("INSERT INTO refused_row FROM some_refused")
        self._some = []

    def leave_out(self) -> None:
        """Take the refused rows out of `sent`: nobody looks at them any more."""
        self.keep()
        self._desk.run(_LEAVE_OUT)

    def result(self, layout: Layout) -> Iterator[bytes]:
        """Yield the file that tells of them, in their order."""
        desk, lines, header = self._desk, Lines(), layout.header
        self.keep()
        desk.run(_PUT_BACK)
        lines.add(result_header(REFUSED, header))
        told = desk.duck.cursor().execute(_REFUSED)
        rows = sent_rows(desk, len(header), _IS_REFUSED)
        while some := told.fetchmany(_TOGETHER):
            for refused, (_, cells) in zip(some, rows, strict=False):
                lines.add(refused_line(RefusedRow(*refused), header, cells))
            yield lines.take()


def note_recorded(desk: Scratch, rows: Iterable[tuple[int, str]]) -> None:
    """Note the ids of usage records that the services have recorded, by row."""
    desk.fill("some_recorded", {"row": "BIGINT", "id": "VARCHAR"}, rows)
    desk.run("INSERT INTO recorded_as FROM some_recorded")


def recorded_result(
    desk: Scratch, layout: Layout, usage_id: str, spans: Iterable[tuple[int, int]]
) -> Iterator[bytes]:
    """Yield the file that tells which usage record each row is, span after span of rows."""
    lines, path = Lines(), desk.directory / "result.csv"
    lines.add(result_header(RECORDED, layout.header))
    yield lines.take()
    cells = "".join(f", nullif(c{place}, '')" for place in places_told(layout.header))
    for first, last in spans:
        rows = _RECORDED_ROWS.format(usage_id=usage_id, cells=cells, first=first, last=last)
        desk.run(f"COPY ({rows}) TO {quoted(str(path))} (FORMAT csv, HEADER false)")
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
    path.unlink(missing_ok=True)


def without_nul(cells: Cells) -> Cells:
    """Return cells as tables take them."""
    return [cell.replace("\0", "\N{REPLACEMENT CHARACTER}") for cell in cells]
