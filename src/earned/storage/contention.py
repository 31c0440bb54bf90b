"""What databases say when somebody else is in the way."""

from sqlite3 import SQLITE_BUSY
from typing import Final

from sqlalchemy.exc import DBAPIError

# PostgreSQL: serialization failure, deadlock, and a key that another server has just stored.
_RETRYABLE: Final = {"40001", "40P01", "23505"}
_LOCK_NOT_AVAILABLE: Final = "55P03"
_PRIMARY_CODE: Final = 0xFF


def is_retryable(error: BaseException) -> bool:
    """Say whether PostgreSQL asks to try again; the driver's error may come wrapped or bare."""
    return getattr(_of_driver(error), "sqlstate", None) in _RETRYABLE


def is_locked_out(error: BaseException) -> bool:
    """Say whether a lock was waited for as long as it may be, and not had."""
    driver_error = _of_driver(error)
    code = getattr(driver_error, "sqlite_errorcode", 0)
    locked = getattr(driver_error, "sqlstate", None) == _LOCK_NOT_AVAILABLE
    return locked or code & _PRIMARY_CODE == SQLITE_BUSY


def _of_driver(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error
