"""`make bench`: run the measurements and print them.

`make bench ARGS="ingest --seconds 2"` runs one of them; `--help` lists the options.
"""

import argparse

from benchmarks import history, ingest
from benchmarks.servers import DATABASES


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("which", nargs="?", choices=("ingest", "history"), help="both by default")
    parser.add_argument("--database", choices=DATABASES, help="both by default")
    parser.add_argument("--rounds", type=int, default=5, help="rounds a figure is the median of")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round")
    parser.add_argument("--records", type=int, default=1_000_000, help="the long history")
    arguments = parser.parse_args()
    for kind in [arguments.database] if arguments.database else DATABASES:
        if arguments.which != "history":
            ingest.measure(kind, arguments.rounds, arguments.seconds)
        if arguments.which != "ingest":
            history.measure(kind, arguments.records, arguments.rounds, arguments.seconds)


if __name__ == "__main__":
    main()
