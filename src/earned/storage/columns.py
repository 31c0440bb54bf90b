"""The vocabulary the tables are written in: columns that cannot hold a wrong value."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, MetaData, Table, Text
from sqlalchemy.schema import SchemaItem

from earned.storage.types import Choice, Day, Exact, Flag, Instant, Json, Whole

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def table(name: str, *parts: SchemaItem | tuple[SchemaItem, ...]) -> Table:
    """Define a table: STRICT on SQLite, so that a type is a promise there too."""
    flat: list[SchemaItem] = []
    for part in parts:
        flat.extend(part if isinstance(part, tuple) else (part,))
    return Table(name, metadata, *flat, sqlite_strict=True)


def key(name: str = "id") -> tuple[SchemaItem, ...]:
    """A primary key of 32 hex characters."""
    return (
        Column(name, Text, primary_key=True),
        CheckConstraint(f"length({name}) = 32", name=f"{name}_length"),
    )


def text(
    name: str, *values: str, null: bool = False, length: int | None = None
) -> tuple[SchemaItem, ...]:
    """A text column; with `values`, only those are allowed."""
    parts: list[SchemaItem] = [Column(name, Text, nullable=null)]
    if values:
        allowed = ", ".join(f"'{value}'" for value in values)
        parts.append(CheckConstraint(f"{name} IN ({allowed})", name=f"{name}_known"))
    if length is not None:
        parts.append(CheckConstraint(f"length({name}) <= {length}", name=f"{name}_length"))
    return tuple(parts)


def choice(name: str, kind: type[StrEnum], *, null: bool = False) -> tuple[SchemaItem, ...]:
    """A text column that holds a member of an enum."""
    return (Column(name, Choice(kind), nullable=null), text(name, *kind)[1])


def refers(
    name: str, target: str, *, null: bool = False, index: bool = True
) -> tuple[SchemaItem, ...]:
    """A foreign key to the `id` of `target`."""
    return (Column(name, Text, ForeignKey(f"{target}.id"), nullable=null, index=index),)


def entity() -> tuple[SchemaItem, ...]:
    """The entity whose books the row belongs to; always the first column of an index."""
    return refers("entity_id", "entity", index=False)


def day(name: str, *, null: bool = False) -> tuple[SchemaItem, ...]:
    """A day of the books."""
    return (Column(name, Day, nullable=null),)


def instant(name: str, *, null: bool = False) -> tuple[SchemaItem, ...]:
    """A UTC instant."""
    return (Column(name, Instant, nullable=null),)


def whole(name: str, *, null: bool = False, least: int | None = None) -> tuple[SchemaItem, ...]:
    """A whole number; money in minor units among them."""
    column = Column(name, Whole, nullable=null)
    if least is None:
        return (column,)
    return (column, CheckConstraint(f"{name} >= {least}", name=f"{name}_least"))


def flag(name: str) -> tuple[SchemaItem, ...]:
    """A required boolean."""
    return (
        Column(name, Flag, nullable=False),
        CheckConstraint(f"{name} IN (0, 1)", name=f"{name}_flag").ddl_if(dialect="sqlite"),
    )


def exact(name: str, *, null: bool = False, signed: bool = True) -> tuple[SchemaItem, ...]:
    """An exact decimal: canonical text on SQLite, `NUMERIC` on PostgreSQL."""
    canonical = f"{name} NOT GLOB '*[^-.0-9]*' AND {name} <> ''"
    unsigned = f" AND {name} NOT LIKE '-%'" if not signed else ""
    parts: list[SchemaItem] = [
        Column(name, Exact, nullable=null),
        CheckConstraint(canonical + unsigned, name=f"{name}_exact").ddl_if(dialect="sqlite"),
    ]
    if not signed:
        positive = CheckConstraint(f"{name} >= 0", name=f"{name}_exact")
        parts.append(positive.ddl_if(dialect="postgresql"))
    return tuple(parts)


def json(name: str, *, null: bool = False) -> tuple[SchemaItem, ...]:
    """A JSON value."""
    return (Column(name, Json, nullable=null),)


def stamps() -> tuple[SchemaItem, ...]:
    """Who made the row and who changed it last, and when."""
    return (
        *text("created_by"),
        *instant("created_at"),
        *text("updated_by"),
        *instant("updated_at"),
    )
