"""The result of an import: a CSV file that tells what became of each row of the file (U 3.6).

What was recorded has the ids of its usage records, what was refused the columns and reasons. The
cells of the file come after: what was refused is mended there, and sent again as it is.
"""

from collections.abc import Sequence

from earned.domain.usage_import import RefusedRow

RECORDED = ("IMPORTED_ROW", "USAGE_ID")
REFUSED = ("REFUSED_ROW", "REFUSED_COLUMN", "REFUSED_REASON")
NAME_SUFFIX = "-result.csv"

Cells = Sequence[str]

_FILE_PATH = "/v1/files/{}"


def file_path(file_id: str) -> str:
    """Return where a file of an import is downloaded: its own, or its result."""
    return _FILE_PATH.format(file_id)


def places_told(header: Cells) -> Sequence[int]:
    """Return the places of the columns that a result repeats: all but those of a result itself."""
    ours = {*RECORDED, *REFUSED}
    return [place for place, name in enumerate(header) if name.strip() not in ours]


def result_header(told: Cells, header: Cells) -> Cells:
    """Return the first row of a result."""
    return [*told, *(header[place] for place in places_told(header))]


def refused_line(refused: RefusedRow, header: Cells, cells: Cells) -> Cells:
    """Return the line of a refused row; what it has beyond the header too."""
    return [str(refused.row), refused.column, refused.reason, *cells_told(header, cells)]


def recorded_line(row: int, usage_id: str, header: Cells, cells: Cells) -> Cells:
    """Return the line of a row that is recorded."""
    return [str(row), usage_id, *cells_told(header, cells)]


def cells_told(header: Cells, cells: Cells) -> Cells:
    """Return the cells of a row that a result repeats."""
    known = [cells[place] if place < len(cells) else "" for place in places_told(header)]
    return [*known, *cells[len(header) :]]
