"""The command line under test, on a database of its own."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from earned.cli.exits import Exit
from earned.cli.main import main
from tests.api import Api, Keeper, keeping, serving

Earned = Callable[..., Result]


@pytest.fixture
def earned(database_url: str) -> Earned:
    """Run `earned` on an empty database."""
    return runner(database_url)


@pytest.fixture
def api(migrated_database_url: str) -> Iterator[Api]:
    """Lend a client of a server on the database that `earned_here` works on."""
    with serving(migrated_database_url) as client:
        yield client


@pytest.fixture
def keeper(migrated_database_url: str) -> Iterator[Keeper]:
    """Lend the books that `earned_here` works on."""
    with keeping(migrated_database_url) as lent:
        yield lent


@pytest.fixture
def earned_here(migrated_database_url: str) -> Earned:
    """Run `earned` on a migrated database."""
    return runner(migrated_database_url)


def runner(database_url: str) -> Earned:
    """Return a function that runs `earned` with arguments, on a database."""

    def run(*arguments: object, **environment: str) -> Result:
        chosen = {"EARNED_DATABASE_URL": database_url, **environment}
        return CliRunner(env=chosen).invoke(main, [str(word) for word in arguments])

    return run


def done(result: Result) -> str:
    """Return what a command printed that ended well."""
    assert result.exit_code == Exit.DONE, result.output
    return result.stdout


def answered(result: Result, exit_code: Exit = Exit.DONE) -> dict[str, Any]:
    """Return the JSON that a command printed, and check how it ended."""
    assert result.exit_code == exit_code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def complaint(result: Result, exit_code: Exit) -> str:
    """Return what a command complained of, and check how it ended."""
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    return result.stderr
