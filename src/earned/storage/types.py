"""How exact values lie in a column: no REAL anywhere, the same meaning on both databases.

SQLite tables are STRICT, so a type here is what the database holds, not a hint: decimals and dates
are canonical text there, and `NUMERIC`, `DATE` and `TIMESTAMPTZ` on PostgreSQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Integer,
    Numeric,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from earned.domain.charge import Tier
from earned.domain.exact import canonical, plain

_decode_json = msgspec.json.Decoder(float_hook=Decimal).decode
_encode_json = msgspec.json.Encoder(decimal_format="number").encode

Whole = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer: money in minor units, counters, versions."""

# A type whose values SQLite does not take as they are says how they are written (`to_sqlite`):
# the bulk statements call it directly, and `process_bind_param` for all other statements.


class Exact(TypeDecorator[Decimal]):
    """An exact decimal of up to 13 + 9 digits."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, whose numeric columns would turn it into a binary float."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(Numeric())

    to_sqlite = staticmethod(plain)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> object:
        """Store the canonical form."""
        if value is None:
            return None
        return plain(value) if dialect.name == "sqlite" else canonical(value)

    def process_result_value(self, value: object, dialect: Dialect) -> Decimal | None:
        """Read it back."""
        del dialect
        return None if value is None else Decimal(value)  # type: ignore[arg-type]


class Instant(TypeDecorator[datetime]):
    """A UTC instant to the microsecond; fixed-width text on SQLite, so that it sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    @staticmethod
    @lru_cache(maxsize=1024)
    def to_sqlite(value: datetime) -> str:
        """Write the text; all rows of a group carry the same stamp, written once."""
        return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        """Write `2026-01-31T08:00:00.000000Z`."""
        if value is None or dialect.name != "sqlite":
            return value
        return self.to_sqlite(value)

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:
        """Read an aware UTC datetime."""
        del dialect
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC) if isinstance(value, datetime) else None


class Day(TypeDecorator[date]):
    """A day of the books; `yyyy-mm-dd` text on SQLite."""

    impl = Date
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, where STRICT tables know no dates."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    to_sqlite = staticmethod(date.isoformat)

    def process_bind_param(self, value: date | None, dialect: Dialect) -> object:
        """Write ISO text on SQLite."""
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: object, dialect: Dialect) -> date | None:
        """Read a date."""
        del dialect
        return date.fromisoformat(value) if isinstance(value, str) else value  # type: ignore[return-value]


class Flag(TypeDecorator[bool]):
    """A boolean; 0 or 1 on SQLite, whose STRICT tables know none."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Integer on SQLite."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    to_sqlite = staticmethod(int)

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:  # noqa: FBT001
        """Write 0 or 1 on SQLite."""
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        """Read a bool."""
        del dialect
        return None if value is None else bool(value)


class Choice(TypeDecorator[StrEnum]):
    """A member of an enum, by its value."""

    impl = Text
    cache_ok = True

    # The driver looks long for an adapter of what is not quite a `str`.
    to_sqlite = staticmethod(str.__str__)

    def __init__(self, kind: type[StrEnum]) -> None:
        """Hold members of `kind`."""
        super().__init__()
        self.kind = kind

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Read the member."""
        del dialect
        return None if value is None else self.kind(value)


class Json(TypeDecorator[object]):
    """Any JSON value, numbers exact, as text that is stored as it was sent."""

    impl = Text
    cache_ok = True

    @staticmethod
    def to_sqlite(value: object) -> str:
        """Write compact JSON."""
        return _encode_json(value).decode()

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        """Write compact JSON."""
        del dialect
        return None if value is None else self.to_sqlite(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        """Read numbers as `int` or `Decimal`."""
        del dialect
        return None if value is None else _decode_json(value)


class Strings(Json):
    """A tuple of strings."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        """Read a tuple."""
        found = super().process_result_value(value, dialect)
        return tuple(found) if isinstance(found, list) else found


class Tiers(TypeDecorator[tuple[Tier, ...]]):
    """The price tiers of a charge."""

    impl = Text
    cache_ok = True

    @staticmethod
    def to_sqlite(value: Sequence[Tier]) -> str:
        """Write a list of objects, prices as JSON numbers."""
        return _encode_json([asdict(tier) for tier in value]).decode()

    def process_bind_param(self, value: Sequence[Tier] | None, dialect: Dialect) -> str | None:
        """Write a list of objects."""
        del dialect
        return None if value is None else self.to_sqlite(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Tier, ...] | None:
        """Read tiers."""
        del dialect
        return None if value is None else tuple(_tier(row) for row in _decode_json(value))


def _tier(row: Mapping[str, object]) -> Tier:
    exact = {
        name: value if value is None else Decimal(value)  # type: ignore[arg-type]
        for name, value in row.items()
        if name in {"starting_unit", "ending_unit", "price"}
    }
    return Tier(**{**row, **exact})  # type: ignore[arg-type]
