"""CSV: UTF-8 with or without a byte order mark, quotes doubled, lines ended in any way."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import IO

from earned.domain.errors import Invalid


def csv_cells(raw: IO[bytes]) -> Iterator[Sequence[str]]:
    """Yield the cells of each row; an empty line has none. Raises `Invalid`.

    The file stays open for whoever opened it.
    """
    text = TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    try:
        yield from csv.reader(text, strict=True)
    except UnicodeDecodeError:
        raise Invalid("File Import Failed: The file is not in UTF-8") from None
    except csv.Error as error:
        raise Invalid(f"File Import Failed: The file is not CSV: {error}") from None
    finally:
        with suppress(ValueError):  # It is closed, if nobody wanted all rows.
            text.detach()
