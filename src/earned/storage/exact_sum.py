"""The exact sum of decimals: `SUM` on PostgreSQL, an aggregate of ours on SQLite.

SQLite would add text up as binary floats.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from earned.domain.exact import EXACT, ZERO, plain
from earned.storage.types import Exact

NAME = "exact_sum"


class ExactSum:
    """Adds decimals up for SQLite; no rows make no sum."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._total: Decimal | None = None

    def step(self, value: str | None) -> None:
        """Count a value in."""
        if value is not None:
            self._total = EXACT.add(self._total or ZERO, Decimal(value))

    def finalize(self) -> str | None:
        """Return the sum as it is stored."""
        return None if self._total is None else plain(self._total)


class exact_sum(FunctionElement[Decimal]):  # noqa: N801 - Functions of SQL are written so.
    """The sum of a column of `Exact`."""

    type = Exact()
    inherit_cache = True
    name = NAME


@compiles(exact_sum)
def _sum(element: exact_sum, compiler: Any, **kwargs: Any) -> str:  # noqa: ANN401 - As SQLAlchemy has it.
    return f"SUM({compiler.process(element.clauses, **kwargs)})"


@compiles(exact_sum, "sqlite")
def _sqlite_sum(element: exact_sum, compiler: Any, **kwargs: Any) -> str:  # noqa: ANN401 - As SQLAlchemy has it.
    return f"{NAME}({compiler.process(element.clauses, **kwargs)})"


def exact_total(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the sum of a column of decimals."""
    return exact_sum(column)
