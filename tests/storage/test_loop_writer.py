"""The writer of an event loop: brief groups on the loop, everything else in its thread."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import Any

import pytest
from sqlalchemy import Connection, event

from earned.domain.tenancy import Scope
from earned.domain.usage import UsageRecord
from earned.services.ports import Books
from earned.services.record_usage import RECORD_USAGE, RecordUsage
from earned.services.work import Job, Reply, UseCase, single
from earned.storage.loop_writer import BRIEF_MAX, LoopWriter
from tests.property.shop import Shop, make_template

WAIT = 30
USAGE = {
    "AccountNumber": "A00000001",
    "ChargeNumber": "C-00000002",
    "UOM": "Token",
    "StartDateTime": "2026-01-15T10:00:00Z",
}
Outcome = Reply | BaseException


class Defect(Exception):
    """A defect of ours."""


def record_and_note_where(books: Books, commands: Sequence[RecordUsage]) -> Sequence[Any]:
    """Record usage; a record without fields is a defect."""
    THREADS.append("loop" if current_thread() is main_thread() else "thread")
    if any(not command.fields for command in commands):
        raise Defect
    return RECORD_USAGE.run(books, commands)


THREADS: list[str] = []
RECORD = UseCase("record", record_and_note_where, structural=False, brief=True)
SLOW: UseCase[Callable[[Books], Any], Any] = single(
    lambda books, command: command(books), structural=False
)


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(sqlite_template, tmp_path_factory.mktemp("sold") / "template.db")


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> Shop:
    THREADS.clear()
    return Shop(template, tmp_path / "books.db")


class Desk:
    """Submits jobs to a loop writer and collects what came of them."""

    def __init__(self, shop: Shop, group_max: int) -> None:
        self.sizes: list[int] = []
        self.scope: Scope = shop.scope
        database, loop = shop.application.database, asyncio.get_running_loop()
        self.writer = LoopWriter(database, loop, self._observe, group_max)

    def _observe(self, jobs: int, nanoseconds: int) -> None:
        del nanoseconds
        self.sizes.append(jobs)

    def submit(
        self, use_case: UseCase[Any, Any], command: object, *, is_patient: bool = False
    ) -> "asyncio.Future[Outcome]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()

        def tell(outcome: Outcome) -> None:
            loop.call_soon_threadsafe(future.set_result, outcome)

        job = Job(self.scope, use_case, command, render, tell, tell, is_patient=is_patient)
        self.writer.submit(job)
        self.last = job
        return future

    def record(self, quantity: int) -> "asyncio.Future[Outcome]":
        return self.submit(RECORD, RecordUsage(fields=USAGE | {"Quantity": quantity}))

    async def together(self, *quantities: int) -> list[Outcome]:
        return await asyncio.gather(*(self.record(quantity) for quantity in quantities))


def render(outcome: object) -> Reply:
    assert isinstance(outcome, UsageRecord), outcome
    return Reply(200, (), str(outcome.quantity).encode())


def run(shop: Shop, work: Callable[[Desk], Any], group_max: int = BRIEF_MAX) -> Desk:
    """Run `work` on a loop with a writer, and close both."""

    async def begin() -> Desk:
        desk = Desk(shop, group_max)
        await asyncio.wait_for(work(desk), WAIT)
        desk.writer.close()
        return desk

    try:
        return asyncio.run(begin())
    finally:
        shop.application.close()


def test_what_comes_together_is_committed_together_and_answered_each(shop: Shop) -> None:
    async def work(desk: Desk) -> None:
        answers = await desk.together(1, 2, 3)
        assert [getattr(answer, "body", answer) for answer in answers] == [b"1", b"2", b"3"]

    assert run(shop, work).sizes == [3]


def test_a_group_has_no_more_jobs_than_is_set(shop: Shop) -> None:
    async def work(desk: Desk) -> None:
        await desk.together(1, 2, 3, 4, 5)

    assert run(shop, work, group_max=2).sizes == [2, 2, 1]


def test_a_patient_job_is_carried_out_alone_and_what_was_given_up_not_at_all(shop: Shop) -> None:
    async def work(desk: Desk) -> None:
        first = desk.record(1), desk.record(2)
        desk.record(3)
        assert desk.last.turn.take()
        command = RecordUsage(fields=USAGE | {"Quantity": 4})
        await asyncio.gather(*first, desk.submit(RECORD, command, is_patient=True), desk.record(5))

    assert run(shop, work).sizes == [2, 1, 1]


def test_funds_are_loaded_in_the_thread_and_drawn_on_the_loop(shop: Shop) -> None:
    async def work(desk: Desk) -> None:
        await desk.together(1)
        await desk.together(1)

    run(shop, work)
    assert THREADS == ["loop", "thread", "loop"]


def test_a_group_with_anything_else_in_it_goes_to_the_thread(shop: Shop) -> None:
    async def work(desk: Desk) -> None:
        await desk.together(1)
        THREADS.clear()
        other = desk.submit(SLOW, lambda books: RECORD_USAGE.run(books, [of(2)])[0])
        await asyncio.gather(desk.record(1), other)

    assert run(shop, work).sizes == [1, 2]
    assert THREADS == ["thread"]


def test_a_defect_fails_its_own_job_alone(shop: Shop) -> None:
    async def work(desk: Desk) -> None:
        defect = desk.submit(RECORD, RecordUsage(fields={}))
        first, second = await desk.together(1, 2)
        assert isinstance(await defect, Defect)
        assert isinstance(first, Reply)
        assert isinstance(second, Reply)
        assert desk.writer.is_alive()

    run(shop, work)


def test_the_loop_goes_on_while_another_process_writes(shop: Shop) -> None:
    async def work(desk: Desk) -> None:
        await desk.together(1)
        THREADS.clear()
        other = sqlite3.connect(path_of(shop), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waiting = desk.record(2)
        await taken(desk.writer)
        later = desk.record(3)
        assert desk.writer.waiting() == 1
        assert not waiting.done()
        other.execute("ROLLBACK")
        other.close()
        assert isinstance(await waiting, Reply)
        assert isinstance(await later, Reply)

    run(shop, work)
    assert THREADS == ["thread", "loop"]


def test_a_commit_that_fails_is_made_again_on_another_connection(shop: Shop) -> None:
    failures: list[int] = []

    def fail_once(connection: Connection) -> None:
        del connection
        if not failures and THREADS[-1:] == ["loop"]:
            failures.append(1)
            raise sqlite3.OperationalError("disk I/O error")

    async def work(desk: Desk) -> None:
        await desk.together(1)
        event.listen(shop.application.database.engine, "commit", fail_once)
        answers = await desk.together(2, 3)
        assert all(isinstance(answer, Reply) for answer in answers)
        await desk.together(4)

    run(shop, work)
    assert failures == [1]
    with shop.reading() as books:
        assert sorted(usage.quantity for usage in books.usage.list()) == [1, 2, 3, 4]


def test_closing_finishes_what_was_submitted(shop: Shop) -> None:
    held, let_go = Event(), Event()

    def hold(books: Books) -> UsageRecord:
        held.set()
        let_go.wait(WAIT)
        (recorded,) = RECORD_USAGE.run(books, [of(1)])
        assert isinstance(recorded, UsageRecord)
        return recorded

    async def work(desk: Desk) -> None:
        desk.submit(SLOW, hold)
        await asyncio.to_thread(held.wait, WAIT)
        desk.record(2)
        let_go.set()

    desk = run(shop, work)
    assert desk.sizes == [1, 1]
    assert not desk.writer.is_alive()


async def taken(writer: LoopWriter) -> None:
    """Wait until no job waits for its group."""
    while writer.waiting():  # noqa: ASYNC110 - There is nothing to wait for but this.
        await asyncio.sleep(0)


def of(quantity: int) -> RecordUsage:
    return RecordUsage(fields=USAGE | {"Quantity": quantity})


def path_of(shop: Shop) -> str:
    return shop.application.settings.database_url.removeprefix("sqlite:///")
