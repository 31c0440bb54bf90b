"""A server that ends in the middle of a load, by force or when asked."""

from collections.abc import Sequence
from signal import SIGKILL, SIGTERM

from click.testing import CliRunner

from earned.cli.main import main
from tests.concurrency.load import (
    Answer,
    Disturbance,
    Told,
    by_status,
    clients,
    expected_amounts,
    expected_days,
    send_all,
    send_until_refused,
    servers,
    set_up,
    usage,
)

RECORDS = 400
ENOUGH = 120
CLIENTS = 16


def load_and_end(database_url: str, signal: int) -> tuple[Sequence[Answer], int]:
    """Send usage, end the server in the middle of it; return the answers and its exit code."""
    requests = [usage(number, key=f"key-{number}") for number in range(RECORDS)]
    with servers(database_url) as running, clients(running, CLIENTS) as senders:
        (process,) = (one.process for one in running)
        ending = Disturbance(ENOUGH, lambda: process.send_signal(signal))
        answers = send_until_refused(senders, requests, ending)
        return answers, process.wait(30)


def test_a_killed_server_loses_nothing_that_it_answered(migrated_database_url: str) -> None:
    set_up(migrated_database_url)

    answers, exit_code = load_and_end(migrated_database_url, SIGKILL)

    assert exit_code == -SIGKILL
    answered = {answer.request.key: answer.id for answer in answers if answer.status}
    assert ENOUGH <= len(answered) < RECORDS
    assert by_status(answers).keys() == {0, 200}
    left = Told.by(migrated_database_url)
    assert left.records >= len(answered)
    with servers(migrated_database_url) as running, clients(running, CLIENTS) as senders:
        again = send_all(senders, [answer.request for answer in answers])
    assert by_status(again) == {200: RECORDS}
    ids = {answer.request.key: answer.id for answer in again}
    assert answered.items() <= ids.items()
    assert len(set(ids.values())) == RECORDS
    # The books of the same requests, undisturbed.
    days = expected_days(range(RECORDS))
    assert Told.by(migrated_database_url) == Told(
        records=RECORDS,
        balances=(2_000_000 - days.total(),),
        days=days,
        amounts=expected_amounts(days, 1_000_000, 777),
        overage=0,
    )
    audited = CliRunner(env={"EARNED_DATABASE_URL": migrated_database_url}).invoke(main, ["audit"])
    assert audited.exit_code == 0, audited.output


def test_a_server_that_is_asked_to_end_answers_all_it_has_accepted(
    migrated_database_url: str,
) -> None:
    set_up(migrated_database_url)

    answers, exit_code = load_and_end(migrated_database_url, SIGTERM)

    assert exit_code == 0
    told = Told.by(migrated_database_url)
    statuses = by_status(answers)
    assert statuses.keys() == {0, 200}
    assert ENOUGH <= statuses[200] < RECORDS
    assert told.records == statuses[200]
