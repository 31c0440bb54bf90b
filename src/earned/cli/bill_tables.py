"""Bill runs on the screen."""

from collections.abc import Mapping, Sequence
from typing import Any

from earned.cli.output import say, say_json, say_table

_HEADINGS = ("run", "status", "target", "documents", "errors", "name")


def say_run(run: Mapping[str, Any], *, as_json: bool) -> None:
    """Say what became of a run, and who was not billed."""
    if as_json:
        say_json({"success": True, "billRun": run})
        return
    count = run["documentCount"]
    noun = "document" if count == 1 else "documents"
    say(f"{run['billRunNumber']} {run['status']}: {count:,} {noun}.")
    for error in run["errors"]:
        who = error.get("accountNumber")
        say(f"{who} was not billed: {error['message']}" if who else error["message"])


def say_runs(runs: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """List runs."""
    if as_json:
        say_json({"success": True, "billRuns": list(runs)})
    else:
        say_table(_HEADINGS, [_row(run) for run in runs])


def _row(run: Mapping[str, Any]) -> Sequence[str]:
    counts = f"{run['documentCount']:,}", f"{len(run['errors']):,}"
    words = run["billRunNumber"], run["status"], str(run["targetDate"])
    return [*words, *counts, run["name"] or ""]
