"""The writer: what it does when it cannot know what became of a commit."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Event
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError

from earned.domain.account import Account
from earned.domain.tenancy import Entity, Scope
from earned.services.ports import Books
from earned.services.work import Job, Reply, single
from earned.storage.writer import ThreadWriter
from tests import builders
from tests.api import Keeper, keeping
from tests.concurrency.load import reading


def create_account(books: Books, begin: Callable[[], object]) -> Account:
    begin()
    return builders.account(books)


def render(outcome: object) -> Reply:
    return Reply(200, (), str(outcome).encode())


CREATE = single(create_account)


def test_a_group_whose_connection_is_lost_as_it_commits_is_not_done_again(
    migrated_postgresql_url: str,
) -> None:
    """Nobody knows whether it was committed; here it was. Done again, it would count twice."""
    with keeping(migrated_postgresql_url) as keeper:
        outcomes = commit_and_lose(keeper)

    alone, *together = outcomes
    assert isinstance(alone, Reply)
    assert len(together) == 2
    assert all(isinstance(outcome, DBAPIError) for outcome in together)
    with reading(migrated_postgresql_url) as books:
        assert books.accounts.count() == 3


def test_what_waits_together_is_one_group(founded_postgresql_url: str) -> None:
    assert sizes_of_groups(founded_postgresql_url, [False] * 5) == [1, 5]


def test_a_patient_job_is_carried_out_alone(founded_postgresql_url: str) -> None:
    assert sizes_of_groups(founded_postgresql_url, [False, True, True, False]) == [1, 1, 1, 1, 1]


def test_a_job_that_was_given_up_is_not_carried_out(founded_postgresql_url: str) -> None:
    assert sizes_of_groups(founded_postgresql_url, [False] * 3, given_up=2) == [1, 1]


def sizes_of_groups(url: str, patient: Sequence[bool], given_up: int = 0) -> list[int]:
    """Have jobs wait behind one, and the first of them given up; return what went together."""
    sizes: list[int] = []
    with keeping(url) as keeper:
        entity = keeper.application.clients.list(Entity)[0]
        scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
        begun, queued = Event(), Event()
        writer = ThreadWriter(keeper.application.database, lambda jobs, _: sizes.append(jobs))

        def job(begin: Callable[[], object], *, is_patient: bool = False) -> Job:
            ends = (lambda _: None, lambda _: None)
            return Job(scope, CREATE, begin, render, *ends, is_patient=is_patient)

        def hold() -> None:
            begun.set()
            queued.wait()

        writer.submit(job(hold))
        begun.wait()
        for place, is_patient in enumerate(patient):
            one = job(int, is_patient=is_patient)
            writer.submit(one)
            assert place >= given_up or one.turn.take()
        queued.set()
        writer.close()
    return sizes


def commit_and_lose(keeper: Keeper) -> list[Reply | BaseException]:
    """Write one job alone and two together; lose the connection right after the second commit."""
    database = keeper.application.database
    entity = keeper.application.clients.list(Entity)[0]
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    begun, queued = Event(), Event()
    outcomes: list[Reply | BaseException] = []
    writer = ThreadWriter(database)

    def submit(begin: Callable[[], object]) -> None:
        writer.submit(Job(scope, CREATE, begin, render, outcomes.append, outcomes.append))

    def lose(connection: Connection) -> None:
        if not outcomes:
            return
        driver: Any = connection.connection.driver_connection
        driver.commit()
        driver.close()

    def hold() -> None:
        begun.set()
        queued.wait()

    event.listen(database.engine, "commit", lose)
    submit(hold)
    begun.wait()
    submit(int)
    submit(int)
    queued.set()
    writer.close()
    return outcomes


def test_what_is_written_is_stamped_when_the_books_are_had(founded_database_url: str) -> None:
    """Who waited for others comes after what they have written in the meantime."""
    with keeping(founded_database_url) as keeper:
        entity = keeper.application.clients.list(Entity)[0]
        scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
        with keeper.application.database.writing() as transaction:
            keeper.clock.now += timedelta(minutes=1)
            assert transaction.books(scope).now == keeper.clock.now
