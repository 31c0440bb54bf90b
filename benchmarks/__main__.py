"""`make bench`: run the measurements and print them.

`make bench ARGS="ingest --seconds 2"` runs one of them; `--help` lists the options.
"""

import argparse

from benchmarks import close, history, ingest, journal, schedules, volume
from benchmarks.servers import DATABASES

WHICH = ("ingest", "history", "journal", "schedules", "close", "volume")
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
    parser.add_argument("--usage", type=int, default=1_000_000, help="records in an imported file")
    arguments = parser.parse_args()
    few = min(arguments.rounds, _LONG_ROUNDS_MAX)
    wanted = {arguments.which} if arguments.which else set(WHICH)
    for kind in [arguments.database] if arguments.database else DATABASES:
        if "ingest" in wanted:
            ingest.measure(kind, arguments.rounds, arguments.seconds)
        if "history" in wanted:
            history.measure(kind, arguments.records, arguments.rounds, arguments.seconds)
        if "journal" in wanted:
            journal.measure(kind, arguments.lines, arguments.rounds)
        if "schedules" in wanted:
            schedules.measure(kind, arguments.schedules, few)
        if "close" in wanted:
            close.measure(kind, arguments.schedules, few)
        if "volume" in wanted:
            volume.measure(kind, arguments.usage)


if __name__ == "__main__":
    main()
