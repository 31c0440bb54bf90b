"""Payment terms: how long after its date a document is to be paid."""

import re
from datetime import date, timedelta

_NET = re.compile(r"net\s*(\d{1,4})", re.IGNORECASE)


def due_on(term: str | None, day: date) -> date:
    """Return the day that a document of a day is due: `Net 30` is 30 days later.

    Any other term, and none, is due upon receipt.
    """
    net = _NET.fullmatch((term or "").strip())
    return day + timedelta(int(net[1])) if net else day
