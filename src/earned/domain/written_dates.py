"""Dates as people write them in files, in the order that their entity uses (U 3.6)."""

import re
from enum import StrEnum

_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T](.+))?", re.ASCII)


class DateFormat(StrEnum):
    """Which number of a date comes first: of `en_US` or of `en_GB`."""

    MONTH_FIRST = "MM/DD/YYYY"
    DAY_FIRST = "DD/MM/YYYY"


def to_iso(text: str, date_format: str) -> str:
    """Return a written date, with a time or without, in ISO 8601; other text as it is."""
    found = _SLASHES.fullmatch(text.strip())
    if found is None:
        return text
    first, second, year, time = found.groups()
    month, day = (first, second) if date_format == DateFormat.MONTH_FIRST else (second, first)
    written = f"{year}-{month:0>2}-{day:0>2}"
    return f"{written}T{time}" if time else written
