"""Create-usage over HTTP, authenticated, drawn down and durable, beside its limits.

(a) `bare, grouped`: a bare ASGI server that parses the same body and group-commits one row.
(b) `bare, each`: the same with one commit a request. For comparison also Earned itself with one
commit a request: what grouping brings, all else alike. Every server is a process of its own on a
database of its own, loaded by another process; rounds alternate between the servers, so that what
else the machine does falls on all of them alike.
"""

import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.servers import EARNED, database, serving
from benchmarks.sold_books import sell, stored, token, usage

OURS, OURS_EACH = "earned", "earned, each"
GROUPED, EACH = "bare, grouped (a)", "bare, each (b)"
FACTORIES = {
    OURS: EARNED,
    GROUPED: "benchmarks.bare:grouped",
    EACH: "benchmarks.bare:each",
    OURS_EACH: EARNED,
}
SETTINGS = {OURS_EACH: {"EARNED_GROUP_MAX": "1"}}
CONNECTIONS = (1, 16, 64)
_PREPARED = 1000


@dataclass(frozen=True)
class Figure:
    """What one server did at one number of connections: medians of its rounds."""

    rate: float
    p50_ms: float
    p99_ms: float
    answered: int


def measure(kind: str, rounds: int, seconds: float) -> None:
    """Measure all servers on one database system and print them side by side."""
    with ExitStack() as stack:
        urls = {name: stack.enter_context(database(kind)) for name in FACTORIES}
        for name in (OURS, OURS_EACH):
            sell(urls[name])
        ports = {
            name: stack.enter_context(serving(factory, urls[name], **SETTINGS.get(name, {})))
            for name, factory in FACTORIES.items()
        }
        loads = {name: requests("") for name in FACTORIES}
        loads |= {name: requests(token(ports[name])) for name in (OURS, OURS_EACH)}
        for name in FACTORIES:
            run(ports[name], 16, 1.0, loads[name])
        answered = 0
        for connections in CONNECTIONS:
            figures = _alternate(ports, loads, connections, rounds, seconds)
            answered += figures[OURS].answered
            _print(kind, connections, figures)
        print(f"{kind}: {answered} timed records answered, {stored(urls[OURS])} stored\n")


def requests(bearer: str) -> bytes:
    """Return prepared requests, pickled for the load process."""
    prepared = []
    for place in range(_PREPARED):
        body = json.dumps(usage(place)).encode()
        head = (
            "POST /v1/object/usage HTTP/1.1\r\nhost: localhost\r\n"
            f"authorization: Bearer {bearer}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        prepared.append(head.encode() + body)
    return pickle.dumps(prepared)


def run(port: int, connections: int, seconds: float, load: bytes) -> Figure:
    """Load one server once."""
    command = [sys.executable, "-m", "benchmarks.load", str(port), str(connections), str(seconds)]
    done = subprocess.run(command, input=load, capture_output=True, check=True, timeout=120)  # noqa: S603
    result = json.loads(done.stdout)
    if result["refused"]:
        raise SystemExit(f"{result['refused']} refused: {result['first_refusal']}")
    return Figure(result["rate"], result["p50_ms"], result["p99_ms"], result["requests"])


def _alternate(
    ports: dict[str, int], loads: dict[str, bytes], connections: int, rounds: int, seconds: float
) -> dict[str, Figure]:
    figures: dict[str, list[Figure]] = {name: [] for name in ports}
    for _ in range(rounds):
        for name, port in ports.items():
            figures[name].append(run(port, connections, seconds, loads[name]))
    return {name: _median(found) for name, found in figures.items()}


def _median(figures: Sequence[Figure]) -> Figure:
    return Figure(
        median(figure.rate for figure in figures),
        median(figure.p50_ms for figure in figures),
        median(figure.p99_ms for figure in figures),
        sum(figure.answered for figure in figures),
    )


def _print(kind: str, connections: int, figures: dict[str, Figure]) -> None:
    ours = figures[OURS].rate
    for name, figure in figures.items():
        ratio = "" if name == OURS else f"   earned is {ours / figure.rate:5.2f} of it"
        print(
            f"{kind:10} {connections:3} connections  {name:18} {figure.rate:8.0f} requests/s"
            f"  p50 {figure.p50_ms:7.2f} ms  p99 {figure.p99_ms:7.2f} ms{ratio}",
            flush=True,
        )
