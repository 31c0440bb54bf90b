"""Commands to paste into a terminal: a token, and each of the three operations."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from shlex import quote
from urllib.parse import quote as quote_path

from earned.cli.story.books import CLIENT_ID, CLIENT_SECRET
from earned.cli.story.catalog import PREPAID, PROJECT, TOKENS_USED
from earned.cli.story.customers import NIMBUS, charges_of
from earned.cli.story.figures import Figures
from earned.cli.story.play import REGENERATE, SCHEDULES, regeneration, schedule
from earned.cli.story.usage import USAGE
from earned.cli.story.wire import Wire

_READ = (
    ("See what is deferred: the roll-forward, as text", "/v1/reports/roll-forward?format=csv"),
    ("Explain a journal entry, down to usage records", "/v1/explain/JE-00000001"),
)

Request = tuple[str, str, Mapping[str, object]]
"""What it does, the path, and the body."""

_TOKEN = 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p'  # noqa: S105 - How to find one.


def requests_of(wire: Wire, figures: Figures, today: date) -> Sequence[Request]:
    """Return a request for each of the three operations, about the first customer."""
    charges = charges_of(wire, NIMBUS)
    usage = {
        "AccountNumber": NIMBUS.number,
        "ChargeNumber": charges[TOKENS_USED]["number"],
        "Description": "test",
        "Quantity": 9,
        "StartDateTime": f"{today}T16:41:36.000+01:00",
        "SubscriptionNumber": NIMBUS.subscription,
        "UOM": NIMBUS.uom,
    }
    rebuilt = regeneration(charges[PREPAID]["originalChargeId"])
    by_hand = schedule(today.isoformat(), _open_months(figures, today), "pasted")
    project = quote_path(charges[PROJECT]["id"], safe="")
    return [
        ("Record usage: it draws down, and the day's revenue follows", USAGE, usage),
        ("Regenerate the daily consumption from the ledger: nothing changes", REGENERATE, rebuilt),
        ("Create a revenue schedule by charge", f"{SCHEDULES}/{project}", by_hand),
    ]


def lines_for(address: str, requests: Sequence[Request]) -> Sequence[str]:
    """Return the lines that work when they are pasted, with a comment above each command."""
    client = f"-d client_id={CLIENT_ID} -d client_secret={CLIENT_SECRET}"
    token = f"curl -s {address}/oauth/token -d grant_type=client_credentials {client}"
    lines = ["# Get a token", f"TOKEN=$({token} | sed -n {quote(_TOKEN)})"]
    headers = "-H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json'"
    for title, path, body in requests:
        content = quote(json.dumps(body, separators=(",", ":"), ensure_ascii=False))
        lines += [f"# {title}", f"curl -s {address}{path} {headers} -d {content}; echo"]
    for title, path in _READ:
        lines += [f"# {title}", f"curl -s {quote(address + path)} {headers}; echo"]
    return lines


def _open_months(figures: Figures, today: date) -> tuple[str, ...]:
    """Return the names of the open periods of today and the next, or none where one is missing."""
    names = [
        period["name"]
        for period in figures.periods
        if period["status"] == "Open" and (period["endDate"] or "") >= today.isoformat()
    ]
    return tuple(names[:2]) if len(names) > 1 else ()
