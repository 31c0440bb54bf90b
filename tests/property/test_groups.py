"""Group commit: commands that share a transaction are as if each had one of its own."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from fractions import Fraction
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earned.domain.errors import EarnedError
from earned.services.change_usage import ChangeUsage, change_usage
from earned.services.delete_usage import DeleteUsage, delete_usage
from earned.services.ports import Books
from earned.services.record_usage import RECORD_USAGE, RecordUsage
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    rebuild_consumption,
    restore_consumption,
)
from earned.services.work import Job, Reply, UseCase, single
from earned.storage.loop_writer import LoopWriter
from tests.property.shop import RATES, Shop, make_template, usage

CHANGE = single(change_usage, structural=False)
DELETE = single(delete_usage, structural=False)
RESTORE = single(restore_consumption, structural=False)
TABLES = (
    *("usage_record", "guided_usage", "balance_transaction", "prepaid_balance"),
    *("fund", "validity_period_summary"),
    *("rating_result", "daily_consumption", "revenue_event"),
)
# When it was done, and in how many steps.
STAMPS = {"created_at", "updated_at", "version"}


class Poison(Exception):
    """A defect of ours."""


def _poisoned(books: Books, command: object) -> None:
    """Store something, then fail."""
    del command
    RECORD_USAGE.run(books, [usage("C-00000002", 1, Fraction(9))])
    raise Poison


POISON = single(_poisoned, structural=False)
Step = tuple[UseCase[Any, Any], Any]


class Line:
    """A writer, and a gate that keeps it waiting until a whole group has queued."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.sizes: list[int] = []
        self._loop = asyncio.new_event_loop()
        database, observe = shop.application.database, lambda jobs, _: self.sizes.append(jobs)
        self._writer = LoopWriter(database, self._loop, observe)
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()

    def carry_out(self, steps: Sequence[Step], size: int) -> list[object]:
        """Have steps carried out in groups of `size`; return what came of each."""
        answers: list[object] = []
        for start in range(0, len(steps), size):
            answers += self._together(steps[start : start + size])
        return answers

    def _together(self, steps: Sequence[Step]) -> list[object]:
        reached, gate = Event(), Event()

        def wait(books: Books, command: object) -> None:
            del books, command
            reached.set()
            gate.wait(30)

        waiting = self._submit(single(wait, structural=False), None)
        assert reached.wait(30)
        futures = [self._submit(use_case, command) for use_case, command in steps]
        gate.set()
        waiting.result(30)
        return [_outcome(future) for future in futures]

    def _submit(self, use_case: UseCase[Any, Any], command: object) -> "Future[Reply]":
        future: Future[Reply] = Future()
        answer, fail = future.set_result, future.set_exception
        job = Job(self.shop.scope, use_case, command, _render, answer, fail)
        self._loop.call_soon_threadsafe(self._writer.submit, job)
        return future

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._writer.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.shop.application.close()


def _render(outcome: object) -> Reply:
    if isinstance(outcome, EarnedError):
        return Reply(400, (), str(outcome).encode())
    return Reply(200, (), json.dumps(getattr(outcome, "id", None)).encode())


def _outcome(future: "Future[Reply]") -> object:
    failure = future.exception(30)
    return type(failure) if failure else future.result().status


def rows(shop: Shop) -> dict[str, list[dict[str, object]]]:
    """Return the books, with ids told apart by the order they were made in, and no times."""
    names: dict[object, str] = {}
    found = {}
    for table, stored in shop.rows(*TABLES).items():
        mappings = [dict(row._mapping) for row in stored]
        for row in mappings:
            names.setdefault(row["id"], f"{table} {len(names)}")
        found[table] = mappings
    return {
        table: sorted(
            (
                {
                    name: names.get(value, value) if name.endswith("id") else value
                    for name, value in row.items()
                    if name not in STAMPS
                }
                for row in stored
            ),
            key=lambda row: json.dumps(row, default=str, sort_keys=True),
        )
        for table, stored in found.items()
    }


@pytest.fixture
def opened(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], Line]]:
    """Lend a way to open lines at shops of their own."""
    template = make_template(sqlite_template, tmp_path / "template.db")
    lines: list[Line] = []

    def opened_line() -> Line:
        shop = Shop(template, tmp_path / f"shop-{len(lines)}.db")
        lines.append(Line(shop))
        return lines[-1]

    yield opened_line
    for line in lines:
        line.close()


days = st.integers(1, 5)
cents = st.integers(-2000, 6000).map(lambda number: Fraction(number, 100))
keys = st.sampled_from([None, None, "key-1", "key-2"])
uses = st.builds(
    lambda charge, day, quantity, key: (
        RECORD_USAGE,
        usage(charge, day, quantity, UniqueKey=key),
    ),
    st.sampled_from([None, *RATES]),
    days,
    cents,
    keys,
)
refusals = st.sampled_from(
    [
        (RECORD_USAGE, usage(None, 1, Fraction(1), UOM="Parsec")),
        (RECORD_USAGE, usage("C-00000002", 1, "many")),
        (RECORD_USAGE, RecordUsage(fields={})),
        (CHANGE, ChangeUsage(id="unknown", fields={"Quantity": 1})),
        (DELETE, DeleteUsage(id="unknown")),
    ]
)
poisons = st.just((POISON, None))
mixtures = st.lists(st.one_of(uses, uses, uses, refusals), min_size=2, max_size=12)
poisoned = st.lists(st.one_of(uses, uses, refusals, poisons), min_size=2, max_size=10)
deterministic = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@deterministic
@given(steps=mixtures, size=st.integers(2, 12))
def test_a_group_is_as_good_as_each_alone(
    opened: Callable[[], Line], steps: list[Step], size: int
) -> None:
    together, alone = opened(), opened()

    answers = together.carry_out(steps, size)

    assert answers == alone.carry_out(steps, 1)
    assert rows(together.shop) == rows(alone.shop)
    together.shop.audit()
    whole, rest = divmod(len(steps), size)
    assert together.sizes[1::2] == [size] * whole + [rest] * (rest > 0)


@deterministic
@given(steps=poisoned)
def test_poison_fails_alone_and_the_others_are_stored(
    opened: Callable[[], Line], steps: list[Step]
) -> None:
    together, alone = opened(), opened()

    answers = together.carry_out(steps, len(steps))

    assert [answer is Poison for answer in answers] == [one is POISON for one, _ in steps]
    healthy = [step for step in steps if step[0] is not POISON]
    expected = alone.carry_out(healthy, 1)
    assert [answer for answer in answers if answer is not Poison] == expected
    assert rows(together.shop) == rows(alone.shop)
    together.shop.audit()


def test_a_regeneration_that_is_tried_again_restores_what_is_stored(
    opened: Callable[[], Line],
) -> None:
    line = opened()
    line.carry_out([(RECORD_USAGE, usage("C-00000002", 2, Fraction(3)))], 1)
    with line.shop.reading() as books:
        charge = books.funds.list()[0].source_id
        rebuilt = rebuild_consumption(books, RegenerateConsumption(original_charge_id=charge))

    answers = line.carry_out(
        [
            (RECORD_USAGE, usage("C-00000002", 1, Fraction(2))),
            (RESTORE, rebuilt),
            (POISON, None),
        ],
        3,
    )

    assert answers == [200, 200, Poison]
    stored = line.shop.rows("daily_consumption", "revenue_event")
    line.shop.regenerate()
    assert line.shop.rows("daily_consumption", "revenue_event") == stored
    line.shop.audit()
