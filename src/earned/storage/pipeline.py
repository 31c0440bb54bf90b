"""Statements that PostgreSQL is sent without waiting for each answer.

What a transaction writes last then shares one round trip with its commit. A thread that waits less
often also wins the interpreter back less often.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Protocol

from psycopg import Error
from sqlalchemy import Connection


class CommitLost(Exception):
    """The connection was lost during a commit: it may have happened, or may not."""


class Pipeline:
    """A pipeline that stays open after it was filled, until an answer is needed."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._filled: Connection | None = None
        self._unanswered = ExitStack()

    @contextmanager
    def fill(self, connection: Connection) -> Iterator[None]:
        """Send what the block executes past SQLAlchemy; `settle` or `commit` will hear of it."""
        driver: Any = connection.connection.driver_connection
        with ExitStack() as opened:
            opened.enter_context(driver.pipeline())
            yield
            self._unanswered = opened.pop_all()
            self._filled = connection

    def settle(self) -> None:
        """Wait for what was sent. Raises the driver's error where it was refused."""
        if self._filled is not None:
            self._filled = None
            self._unanswered.close()

    def abandon(self) -> None:
        """Wait for what was sent, whatever became of it: the transaction is undone."""
        with suppress(Error):
            self.settle()

    def commit(self) -> None:
        """Commit together with what was sent, if anything was; SQLAlchemy finds it done.

        Raises `CommitLost`, or the driver's error where a statement was refused: the commit after
        it is not executed then.
        """
        connection = self._filled
        if connection is None:
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("COMMIT")
        try:
            self.settle()
        except Error as error:
            if not driver.closed:
                raise
            connection.invalidate()
            raise CommitLost from error


class OnConnection(Protocol):
    """What those need who only execute statements."""

    @property
    def connection(self) -> Connection:
        """The connection that is open."""


class Connected:
    """Whoever works on a connection: with it, nothing waits for its answer any more."""

    _connection: Connection
    _pipeline: Pipeline

    @property
    def connection(self) -> Connection:
        """The connection, settled."""
        self._pipeline.settle()
        return self._connection
