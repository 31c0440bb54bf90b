"""The last statements of a transaction travel with its commit, and fail with it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from earned.domain.errors import Invalid
from earned.domain.tenancy import Entity, Scope
from earned.services.record_usage import RECORD_USAGE, RecordUsage
from earned.services.work import Claim, Job, Reply
from earned.storage.groups import Groups, unobserved
from earned.storage.pipeline import CommitLost
from tests import builders
from tests.api import Keeper, keeping
from tests.builders import writing
from tests.concurrency.load import reading

USAGE = {"AccountNumber": "A00000001", "UOM": "Token", "StartDateTime": "2026-01-15T10:00:00Z"}


@pytest.fixture
def keeper(migrated_postgresql_url: str) -> Iterator[Keeper]:
    with keeping(migrated_postgresql_url) as lent:
        with writing(lent) as books:
            builders.sell(books, builders.account(books), builders.prepaid_plan(books))
        yield lent


class Desk:
    """Has groups of usage carried out, and collects what came of them."""

    def __init__(self, keeper: Keeper) -> None:
        entity = keeper.application.clients.list(Entity)[0]
        self.scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
        self.groups = Groups(keeper.application.database, unobserved)
        self.outcomes: list[Reply | BaseException] = []

    def job(self, quantity: int, key: str | None = None, unit: str = "Token") -> Job:
        tell = self.outcomes.append
        command = RecordUsage(fields=USAGE | {"Quantity": quantity, "UOM": unit})
        claim = Claim(key, "POST", "/v1/object/usage", "print") if key else None
        return Job(self.scope, RECORD_USAGE, command, render, tell, tell, claim)

    def carry_out(self, *jobs: Job) -> list[Reply | BaseException]:
        self.outcomes.clear()
        self.groups.carry_out(list(jobs))
        return list(self.outcomes)


def render(outcome: Any) -> Reply:
    return Reply(400 if isinstance(outcome, Invalid) else 200, (), b"")


def stored(keeper: Keeper) -> tuple[int, Any]:
    """Return how many records there are, and what is left of the fund."""
    with reading(keeper.application.settings.database_url) as books:
        return books.usage.count(), books.funds.list(order_by=["start_date"])[0].balance


def writer_of(keeper: Keeper) -> Any:
    """Return the driver's connection that the next transaction will use: the last one returned."""
    with keeper.application.database.engine.connect() as connection:
        return connection.connection.driver_connection


def test_records_and_their_kept_answers_are_committed_together(keeper: Keeper) -> None:
    desk = Desk(keeper)

    first = desk.carry_out(desk.job(10, "key"), desk.job(5), desk.job(1, unit="Parsec"))
    again = desk.carry_out(desk.job(10, "key"), desk.job(7))

    assert [reply.status for reply in first if isinstance(reply, Reply)] == [200, 200, 400]
    assert [len(reply.headers) for reply in again if isinstance(reply, Reply)] == [1, 0]
    assert stored(keeper) == (3, 99_978)


def test_a_statement_that_is_refused_fails_with_the_commit_and_each_record_is_tried_alone(
    keeper: Keeper,
) -> None:
    desk = Desk(keeper)
    desk.carry_out(desk.job(1))
    with keeper.application.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "ALTER TABLE usage_record ADD CONSTRAINT none_of_13 CHECK (quantity <> 13)"
        )

    refused, kept = desk.carry_out(desk.job(13), desk.job(4))

    assert isinstance(refused, psycopg.errors.CheckViolation)
    assert isinstance(kept, Reply)
    assert stored(keeper) == (2, 99_995)


def test_a_commit_that_is_lost_with_its_connection_is_not_made_again(keeper: Keeper) -> None:
    """Nobody knows whether it was made; here it was. Made again, it would count twice."""
    desk = Desk(keeper)
    desk.carry_out(desk.job(1))
    driver = writer_of(keeper)
    execute = driver.execute

    def lose(statement: Any, *parameters: Any) -> Any:
        done = execute(statement, *parameters)
        if statement == "COMMIT":
            driver._pipeline.sync()
            driver.close()
        return done

    driver.execute = lose
    outcomes = desk.carry_out(desk.job(10), desk.job(20))

    assert [type(outcome) for outcome in outcomes] == [CommitLost, CommitLost]
    assert stored(keeper) == (3, 99_969)
    assert [type(one) for one in desk.carry_out(desk.job(3))] == [Reply]
    assert stored(keeper) == (4, 99_966)


def test_a_connection_that_broke_while_it_lay_idle_is_replaced(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(keeper)
    engine = keeper.application.database.engine
    monkeypatch.setattr("earned.storage.engine._REST_SECONDS", 0)
    with engine.connect() as idle, engine.connect() as other:
        backend = idle.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        idle.close()
        other.exec_driver_sql("SELECT pg_terminate_backend(%s, 1000)", (backend,))

        (outcome,) = desk.carry_out(desk.job(2))

    assert isinstance(outcome, Reply)
    assert stored(keeper) == (1, 99_998)
