"""`earned serve`, in a process of its own: it starts, answers, ends cleanly, and starts again."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server

import httpx2
import pytest

from earned.cli.exits import Exit
from tests.cli.conftest import Earned, complaint, done, runner

CLIENT = "00000000-0000-4000-8000-000000000009"
SECRET = "a-secret-of-the-tests"
PATIENCE = 60

Process = subprocess.Popen[str]


@contextmanager
def served(database_url: str, *arguments: str) -> Iterator[tuple[Process, list[str]]]:
    """Run a server; lend its process and what it said when it had started."""
    command = [sys.executable, "-m", "earned", "serve", "--port", "0", *arguments]
    environment = {"EARNED_DATABASE_URL": database_url}
    with subprocess.Popen(  # noqa: S603 - the command is ours.
        command, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, said(process)
        finally:
            process.kill()


def said(process: Process) -> list[str]:
    """Read what the server says, to its last line."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if "client_secret=" in line or "earned init" in line:
            break
    return lines


def address(lines: list[str]) -> str:
    (line,) = [line for line in lines if line.startswith("Earned serves")]
    return line.rpartition(" ")[2]


def token(base_url: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    answer = httpx2.post(f"{base_url}/oauth/token", data=form, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def status_with(token: str, base_url: str) -> int:
    """Ask for an account that is not there; return the status."""
    headers = {"Authorization": f"Bearer {token}", "Zuora-Version": "2025-08-12"}
    return httpx2.get(f"{base_url}/v1/accounts/A-0", headers=headers, timeout=PATIENCE).status_code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(earned: Earned, database_url: str, number: int) -> None:
    done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))

    with served(database_url) as (process, lines):
        assert httpx2.get(f"{address(lines)}/healthz", timeout=PATIENCE).status_code == 200
        assert status_with(token(address(lines)), address(lines)) == 404
        process.send_signal(number)

        assert process.wait() == Exit.DONE


def test_it_says_how_to_get_a_token(earned: Earned, database_url: str) -> None:
    done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))

    with served(database_url) as (_, lines):
        assert lines[-2:] == [
            f"  curl {address(lines)}/oauth/token -d grant_type=client_credentials \\",
            f"    -d client_id={CLIENT} -d client_secret=<its secret>",
        ]


def test_it_makes_and_migrates_an_embedded_database(empty_sqlite_url: str) -> None:
    with served(empty_sqlite_url) as (_, lines):
        assert lines[0] == f"Migrated {empty_sqlite_url} from empty to revision 0001."
        assert lines[-1].endswith("In another terminal: earned init")


def test_it_starts_again_on_the_same_books(earned: Earned, database_url: str) -> None:
    done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))
    with served(database_url) as (process, lines):
        issued = token(address(lines))
        process.terminate()
        assert process.wait() == Exit.DONE

    with served(database_url) as (_, lines):
        assert status_with(issued, address(lines)) == 404


def test_kill_9_loses_nothing_that_was_answered(earned: Earned, database_url: str) -> None:
    done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))
    with served(database_url) as (process, lines):
        issued = token(address(lines))
        process.kill()
        assert process.wait() == -signal.SIGKILL

    with served(database_url) as (_, lines):
        assert status_with(issued, address(lines)) == 404


def test_several_processes_serve_one_postgresql(migrated_postgresql_url: str) -> None:
    init = runner(migrated_postgresql_url)
    done(init("init", "--client-id", CLIENT, "--client-secret", SECRET))

    with served(migrated_postgresql_url, "--workers", "2") as (process, lines):
        issued = token(address(lines))
        assert {status_with(issued, address(lines)) for _ in range(8)} == {404}
        too_large = httpx2.get(f"{address(lines)}/healthz", headers={"X": "a" * 66_000})
        assert too_large.status_code == 431
        while {accounts_asked_for(address(lines)) for _ in range(8)} != {8}:
            pass
        process.terminate()

        assert process.wait() == Exit.DONE


def accounts_asked_for(base_url: str) -> int:
    """Return how many requests for accounts the server has counted, whichever process answers."""
    text = httpx2.get(f"{base_url}/metrics", timeout=PATIENCE).text
    counted = [line for line in text.splitlines() if 'operation="getAccount",status' in line]
    return sum(int(float(line.rpartition(" ")[2])) for line in counted)


def test_kill_9_of_the_parent_ends_its_processes_and_frees_the_port(
    migrated_postgresql_url: str,
) -> None:
    with served(migrated_postgresql_url, "--workers", "2") as (process, lines):
        port = address(lines).rpartition(":")[2]
        process.kill()
        process.wait()
        # Standard output is theirs too: it ends when the last of them has.
        assert process.stdout
        assert process.stdout.read() == ""

    with served(migrated_postgresql_url, "--workers", "2", "--port", port) as (_, lines):
        assert address(lines).endswith(f":{port}")


def test_postgresql_is_migrated_only_when_asked(empty_postgresql_url: str) -> None:
    refused = runner(empty_postgresql_url)("serve", "--port", "0")
    assert "There are no books in postgresql" in complaint(refused, Exit.SET_UP)

    with served(empty_postgresql_url, "--migrate") as (_, lines):
        assert lines[0].endswith("from empty to revision 0001.")


def test_several_processes_on_sqlite_are_refused(empty_sqlite_url: str) -> None:
    refused = runner(empty_sqlite_url)("serve", "--workers", "2")

    assert "--workers needs PostgreSQL" in complaint(refused, Exit.REFUSED)


def test_a_port_in_use_is_told(empty_sqlite_url: str) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        refused = complaint(runner(empty_sqlite_url)("serve", "--port", port), Exit.SET_UP)

    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use." in refused
    assert "--port 0 takes a free port." in refused


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("EARNED_TOKEN_SECONDS", "soon", "EARNED_TOKEN_SECONDS should be a whole number"),
        ("EARNED_LOG_LEVEL", "loud", "should be one of debug, info, warning, error, not 'loud'"),
        ("EARNED_DATABASE_URL", "mysql://me@here/books", "It names 'mysql'."),
        (
            "EARNED_DATABASE_URL",
            "books",
            "should be like sqlite:///path/earned.db or postgresql://",
        ),
        ("EARNED_DATABASE_URL", "sqlite://", "EARNED_DATABASE_URL should name a file"),
    ],
)
def test_a_bad_value_names_its_variable(
    empty_sqlite_url: str, name: str, value: str, message: str
) -> None:
    refused = runner(empty_sqlite_url)("serve", "--port", "0", **{name: value})

    assert message in complaint(refused, Exit.SET_UP)


def test_a_database_that_does_not_answer_is_told() -> None:
    refused = runner("postgresql://nobody@127.0.0.1:1/books")("serve", "--port", "0")

    assert "The database cannot be used" in complaint(refused, Exit.TRY_AGAIN)


def test_a_database_that_cannot_be_written_is_told() -> None:
    refused = runner("sqlite:////proc/earned/earned.db")("serve", "--port", "0")

    assert "/proc/earned" in complaint(refused, Exit.SET_UP)
