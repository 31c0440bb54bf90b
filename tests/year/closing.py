"""What a user does at the close of a month, over the wire, and what the books say then."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from tests.http.journal import ENTRIES, PERIODS, RUNS
from tests.reports import RECOGNIZED, ROLL_FORWARD, USAGE, WATERFALL, file, moment
from tests.year.company import NORTH
from tests.year.money import CURRENCIES
from tests.year.months import last_day, period_name
from tests.year.reckoner import PICKED_UP, Entry
from tests.year.story import Story

OBLIGATIONS, RECEIVABLES, TRIAL_BALANCE = "obligations", "receivables", "trial-balance"
REPORTS = (ROLL_FORWARD, WATERFALL, OBLIGATIONS, RECOGNIZED, RECEIVABLES, USAGE)
CANCELED_RUN = 4
"""The month whose journal is canceled and run again."""
NOTHING = {
    "success": True,
    "eventsCollected": 0,
    "revenueEventCount": 0,
    "revenueScheduleCount": 0,
}

Row = dict[str, str]


@dataclass
class Close:
    """What the books said when a month had been closed: when, in its journal, in reports."""

    month: int
    moment: str
    exports: Sequence[str]
    files: dict[str, str] = field(default_factory=dict)
    read: dict[tuple[str, str], list[Row]] = field(default_factory=dict)

    def rows(self, name: str, line: str = "row") -> list[Row]:
        """Return the rows of a report, or its totals."""
        if (name, line) not in self.read:
            lines = csv.DictReader(StringIO(self.files[name]))
            self.read[name, line] = [row for row in lines if row["line"] == line]
        return self.read[name, line]


def close(story: Story, month: int) -> Close:
    """Expire, collect, balance, close and journal a month; in the books and in the reckoning."""
    _collect(story, month)
    path = f"{PERIODS}/{story.periods[month]}"
    story.put(f"{path}/run-trial-balance")
    story.put(f"{path}/close")
    story.reckoner.closed = month + 1
    exports = journal(story, month)
    return Close(month, moment(story.api), exports)


def reopen(story: Story, month: int) -> None:
    story.put(f"{PERIODS}/{story.periods[month]}/reopen")
    story.reckoner.closed = month


def _collect(story: Story, month: int) -> None:
    """Expire what is over and collect what is earned; collecting again finds nothing."""
    through = last_day(month)
    story.api.made("/v1/revenue/expire-funds", {"throughDate": through.isoformat()})
    for meter in story.usage.meters:
        meter.expire(through)
        meter.collect()
    story.api.made("/v1/revenue/collect", None)
    assert story.api.made("/v1/revenue/collect", None) == NOTHING


def journal(story: Story, month: int) -> Sequence[str]:
    """Run the journal for North, for the rest, and again: each says what is reckoned to be new."""
    entries: Counter[Entry] = Counter()
    exports = []
    for headers, organization in ((story.north, NORTH), ({}, None), ({}, None)):
        body = {
            "accountingPeriodName": period_name(month),
            "transactionTypes": [{"type": kind} for kind in PICKED_UP],
        }
        run = story.api.made(RUNS, body, **headers)["journalRunNumber"]
        entries = Counter(_entry(entry) for entry in _entries(story, run))
        assert entries == story.reckoner.journal(month, organization)
        exports.append(_export(story, run))
        if month == CANCELED_RUN and entries:
            story.put(f"{RUNS}/{run}/cancel")
            again = story.api.made(RUNS, body, **headers)["journalRunNumber"]
            assert Counter(_entry(entry) for entry in _entries(story, again)) == entries
    assert not entries, "a third run has nothing to pick up"
    return exports


def _entries(story: Story, run: str) -> Sequence[Any]:
    found: list[Any] = []
    path: str | None = f"{ENTRIES}/journal-runs/{run}?pageSize=40"
    while path:
        page = story.api.found(path.removeprefix("http://testserver"))
        found += page["journalEntries"]
        path = page.get("nextPage")
    return found


def _entry(entry: Mapping[str, Any]) -> Entry:
    """Return an entry as the reckoner has it: both of its items are of one amount."""
    items = {item["type"]: item for item in entry["journalEntryItems"]}
    debit, credit = items["Debit"], items["Credit"]
    assert debit["amount"] == credit["amount"]
    codes = [(one["accountingCodeName"], one["accountingCodeType"]) for one in (debit, credit)]
    amount = CURRENCIES[entry["currency"]].minor(debit["amount"])
    return (entry["transactionType"], entry["currency"], *codes, amount)


def _export(story: Story, run: str) -> str:
    answer = story.api.get(f"{RUNS}/{run}/export?format=csv")
    assert answer.status_code == 200, answer.text
    return answer.text


def ask(story: Story, month: int, **as_of: str) -> dict[str, str]:
    """Ask for every report as a file, and for the trial balances of this month and the last."""
    files = {name: file(story.api, name, **as_of) for name in REPORTS}
    for at in range(max(month - 1, 0), month + 1):
        query = {"accountingPeriodName": period_name(at), **as_of}
        files[f"{TRIAL_BALANCE} {at}"] = file(story.api, TRIAL_BALANCE, **query)
    return files
