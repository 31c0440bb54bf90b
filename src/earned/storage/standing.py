"""One SQLite connection kept for writing, which never waits for whoever else writes."""

from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError


class StandingConnection:
    """A connection that is taken from the pool once, and used by one transaction at a time."""

    def __init__(self, writers: Engine) -> None:
        """Connect with `writers`, whose transactions ask for the write lock at once."""
        self._writers = writers
        self._connection: Connection | None = None

    def begin(self) -> Connection | None:
        """Begin a transaction; None if another process writes, or the database is away."""
        try:
            connection = self._connection = self._connection or self._connect()
            connection.begin()
        except OperationalError:
            return None
        return connection

    def drop(self) -> None:
        """Close the connection, and with it what it has not committed."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _connect(self) -> Connection:
        connection = self._writers.connect()
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout = 0")
        return connection
