"""A server that ends in the middle of a load, by force or when asked."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from shutil import copy
from signal import SIGKILL, SIGTERM

import pytest
from click.testing import CliRunner

from earned.bootstrap.application import utc_now
from earned.cli.main import main
from tests.api import Api, Clock, serving
from tests.concurrency import mixed
from tests.concurrency.load import (
    Answer,
    Disturbance,
    Request,
    Told,
    by_status,
    clients,
    send_all,
    send_until_refused,
    servers,
    set_up,
    usage,
)
from tests.concurrency.mixed import UPSERTING, Script
from tests.postgres import Postgres

SEED = 7
RECORDS = 120
REQUESTS = 400
ENOUGH = 120
CLIENTS = 16


@pytest.fixture
def twins(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sequence[str]]:
    """Lend the same books twice."""
    if dialect == "sqlite":
        template = request.getfixturevalue("founded_sqlite_template")
        first = copy(template, tmp_path / "first.db")
        mixed.set_up(f"sqlite:///{first}")
        yield [f"sqlite:///{path}" for path in (first, copy(first, tmp_path / "second.db"))]
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database(request.getfixturevalue("founded_postgres_template")) as name:
        mixed.set_up(postgres.url(name))
        with postgres.database(name) as other:
            yield [postgres.url(name), postgres.url(other)]


def scripts(database_url: str) -> list[Script]:
    chance = Random(SEED)  # noqa: S311 - The same each time is the point.
    return [
        mixed.boss(database_url),
        *(mixed.record(number, chance) for number in range(RECORDS)),
    ]


def told_undisturbed(database_url: str) -> Mapping[str, list[str]]:
    """Send everything one by one to a server that nothing happens to; return what the books say."""
    clock = Clock()
    clock.now = utc_now()
    with serving(database_url, clock) as api:
        for script in scripts(database_url):
            script.go_on(lambda request: answered(api, request))
            assert by_status(script.answered) == {200: len(script.steps)}
    return mixed.told(database_url)


def answered(api: Api, request: Request) -> Answer:
    key = {"Idempotency-Key": request.key} if request.key else {}
    response = api.request(request.method, request.path, request.body, **UPSERTING, **key)
    return Answer(request, response.status_code, response.json(), 0)


def test_what_a_killed_server_left_is_gone_on_with_and_the_books_are_as_if_nothing_was(
    twins: Sequence[str], dialect: str
) -> None:
    """On PostgreSQL there are two processes: the other one goes on, and a new one comes."""
    url, undisturbed = twins
    count = 1 if dialect == "sqlite" else 2
    load = scripts(url)
    with servers(url, count) as running:
        killed = running[0].process
        with clients(running, CLIENTS) as senders:
            mixed.go_on(load, senders, Disturbance(ENOUGH, lambda: killed.send_signal(SIGKILL)))
        assert killed.wait(30) == -SIGKILL
        known = {a.request.key: a.body for s in load for a in s.answered if a.request.key}
        assert any(len(script.answered) < len(script.steps) for script in load)
        with servers(url) as (new,), clients([*running[1:], new], CLIENTS) as senders:
            mixed.go_on(load, senders)
            replays = [one for script in load for one in mixed.replayed(script)]
            again = send_all(senders, [one for one in replays if one.key in known])

    assert all(len(script.answered) == len(script.steps) for script in load)
    assert {answer.request.key: answer.body for answer in again} == known
    expected = told_undisturbed(undisturbed)
    for table, rows in mixed.told(url).items():
        assert rows == expected[table], table
    audited = CliRunner(env={"EARNED_DATABASE_URL": url}).invoke(main, ["audit"])
    assert audited.exit_code == 0, audited.output


def test_a_server_that_is_asked_to_end_answers_all_it_has_accepted(
    migrated_database_url: str,
) -> None:
    set_up(migrated_database_url)
    requests = [usage(number, key=f"key-{number}") for number in range(REQUESTS)]
    with servers(migrated_database_url) as (server,), clients([server], CLIENTS) as senders:
        ending = Disturbance(ENOUGH, lambda: server.process.send_signal(SIGTERM))
        answers = send_until_refused(senders, requests, ending)
        exit_code = server.process.wait(30)

    assert exit_code == 0
    told = Told.by(migrated_database_url)
    statuses = by_status(answers)
    assert statuses.keys() == {0, 200}
    assert ENOUGH <= statuses[200] < REQUESTS
    assert told.records == statuses[200]
