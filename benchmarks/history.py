"""Whether the cost of a record grows with history: one fund with 1,000 records, one with many.

Two servers run side by side, each on a database of its own; rounds alternate between them.
"""

from contextlib import ExitStack
from statistics import median

from benchmarks.ingest import FACTORIES, OURS, requests, run
from benchmarks.servers import database, serving
from benchmarks.sold_books import fill, sell, stored, token

_FEW = 1_000
_CONNECTIONS = 64


def measure(kind: str, many: int, rounds: int, seconds: float) -> None:
    """Fill two databases, load both in turns, and print the ratio of their rates."""
    with ExitStack() as stack:
        urls = {size: stack.enter_context(database(kind)) for size in (_FEW, many)}
        for size, url in urls.items():
            sell(url)
            fill(url, size)
        ports = {
            size: stack.enter_context(serving(FACTORIES[OURS], url)) for size, url in urls.items()
        }
        loads = {size: requests(token(port)) for size, port in ports.items()}
        rates: dict[int, list[float]] = {size: [] for size in ports}
        for size, port in ports.items():
            run(port, _CONNECTIONS, 1.0, loads[size])
        for _ in range(rounds):
            for size, port in ports.items():
                rates[size].append(run(port, _CONNECTIONS, seconds, loads[size]).rate)
        for size, found in rates.items():
            print(f"{kind:10} after {size:9,} records  {median(found):8.0f} requests/s")
        ratio = median(rates[many]) / median(rates[_FEW])
        print(f"{kind:10} the rate after {many:,} is {ratio:.2f} of the rate after {_FEW:,}")
        print(f"{kind:10} {stored(urls[many]):,} records stored at the end\n", flush=True)
