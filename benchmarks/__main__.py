"""`make bench`: run the measurements and print them.

`make bench ARGS="ingest --seconds 2"` runs one of them; `--help` lists the options.
"""

import argparse
from collections.abc import Callable, Mapping

from benchmarks import close, history, ingest, journal, schedules, volume
from benchmarks.servers import DATABASES

WHICH = ("ingest", "history", "journal", "schedules", "close", "volume", "upload")
_LONG_ROUNDS_MAX = 3
_ROUNDS = f"what a figure is the median of; {_LONG_ROUNDS_MAX} at most of schedules and close"


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("which", nargs="?", choices=WHICH, help="all by default")
    parser.add_argument("--database", choices=DATABASES, help="both by default")
    parser.add_argument("--rounds", type=int, default=5, help=_ROUNDS)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round")
    parser.add_argument("--records", type=int, default=1_000_000, help="the long history")
    parser.add_argument("--lines", type=int, default=100_000, help="what a journal run posts")
    parser.add_argument("--schedules", type=int, default=100_000, help="made, and closed with")
    parser.add_argument("--usage", type=int, default=1_000_000, help="records in a file")
    arguments = parser.parse_args()
    measures = _measures(arguments)
    names = [arguments.which] if arguments.which else WHICH
    for kind in [arguments.database] if arguments.database else DATABASES:
        for name in names:
            measures[name](kind)


def _measures(asked: argparse.Namespace) -> Mapping[str, Callable[[str], None]]:
    """Return what measures a kind of database, by name."""
    few = min(asked.rounds, _LONG_ROUNDS_MAX)
    return {
        "ingest": lambda kind: ingest.measure(kind, asked.rounds, asked.seconds),
        "history": lambda kind: history.measure(kind, asked.records, asked.rounds, asked.seconds),
        "journal": lambda kind: journal.measure(kind, asked.lines, asked.rounds),
        "schedules": lambda kind: schedules.measure(kind, asked.schedules, few),
        "close": lambda kind: close.measure(kind, asked.schedules, few),
        "volume": lambda kind: volume.measure(kind, asked.usage),
        "upload": lambda kind: volume.measure(kind, asked.usage, uploaded=True),
    }


if __name__ == "__main__":
    main()
