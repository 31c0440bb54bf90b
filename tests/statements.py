"""What a test has a database execute."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from sqlalchemy import event

from tests.api import Keeper


@contextmanager
def executed(keeper: Keeper) -> Iterator[list[str]]:
    """Collect the statements of the caller's thread; a server has others that look for work."""
    statements: list[str] = []
    caller = get_ident()

    def collect(*call: Any) -> None:
        if get_ident() == caller:
            statements.append(call[2])

    engine = keeper.application.database.engine
    event.listen(engine, "before_cursor_execute", collect)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", collect)
