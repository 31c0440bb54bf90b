"""The vocabulary that objects are described in: wire names, the columns behind them, relations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from earned.domain.query import Row, ValueKind
from earned.services.query_objects import TIERS, Relation

Derived = Callable[[Row], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of an object: its wire name and the column it shows.

    It is filtered and sorted by that column or the one `asked`. A `derived` field shows what a
    function makes of the row, and has nothing to be asked by. `spelled` says how stored values are
    shown that are shown otherwise.
    """

    name: str
    column: str = ""
    kind: ValueKind = ValueKind.TEXT
    derived: Derived | None = None
    asked: str = ""
    spelled: Mapping[str, str] = field(default_factory=dict)

    def of(self, row: Row) -> object:
        """Return what the field holds in a row."""
        if self.derived:
            return self.derived(row)
        value = row[self.column]
        return self.spelled.get(value, value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Link:
    """A relation under its wire name, and the object it leads to (empty: a contact as sent)."""

    name: str
    target: str
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryObject:
    """One kind of object: where it is asked for, what it shows, what it can be expanded with.

    `number` is the column a key may name beside the id; of `versioned` objects that share a number
    the latest is meant, and of their segments the last.
    """

    name: str
    path: str
    table: str
    list_id: str
    key_id: str
    fields: tuple[Field, ...]
    links: tuple[Link, ...] = ()
    number: str = ""
    versioned: bool = False
    segment: str = ""
    custom: bool = True
    tiers: bool = False
    by_name: Mapping[str, Field] = field(init=False)
    links_by_name: Mapping[str, Link] = field(init=False)

    def __post_init__(self) -> None:
        """Index fields and links as they are asked for: without regard to case."""
        fields = {known.name.lower(): known for known in self.fields}
        links = {link.name.lower(): link for link in self.links}
        object.__setattr__(self, "by_name", fields)
        object.__setattr__(self, "links_by_name", links)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _stored(kind: ValueKind, columns: Mapping[str, str], names: str) -> tuple[Field, ...]:
    plain = [Field(name=name, column=_snake(name), kind=kind) for name in names.split()]
    named = [Field(name=name, column=column, kind=kind) for name, column in columns.items()]
    return (*plain, *named)


def keys(names: str = "", **columns: str) -> tuple[Field, ...]:
    """Ids: compared exactly. Columns are named after the fields unless given."""
    return _stored(ValueKind.KEY, columns, names)


def texts(names: str = "", **columns: str) -> tuple[Field, ...]:
    """Texts: compared without regard to case."""
    return _stored(ValueKind.TEXT, columns, names)


def exacts(names: str = "", **columns: str) -> tuple[Field, ...]:
    """Exact decimals."""
    return _stored(ValueKind.EXACT, columns, names)


def amounts(**columns: str) -> tuple[Field, ...]:
    """Amounts of money, shown and asked in major units."""
    return _stored(ValueKind.AMOUNT, columns, "")


def wholes(names: str = "", **columns: str) -> tuple[Field, ...]:
    """Whole numbers."""
    return _stored(ValueKind.WHOLE, columns, names)


def flags(names: str = "", **columns: str) -> tuple[Field, ...]:
    """Booleans."""
    return _stored(ValueKind.FLAG, columns, names)


def days(names: str = "", **columns: str) -> tuple[Field, ...]:
    """Dates."""
    return _stored(ValueKind.DAY, columns, names)


def last_days(**columns: str) -> tuple[Field, ...]:
    """Ends of half-open ranges, shown as the last day inside."""
    return _stored(ValueKind.LAST_DAY, columns, "")


def instants(names: str = "", **columns: str) -> tuple[Field, ...]:
    """Instants, shown in the entity's time zone."""
    return _stored(ValueKind.INSTANT, columns, names)


def derived(**functions: Derived) -> tuple[Field, ...]:
    """Fields that are made of other columns."""
    return tuple(Field(name=name, derived=function) for name, function in functions.items())


def constant(value: object) -> Derived:
    """Return the same for every row."""
    return lambda _row: value


def unasked(names: str = "", **columns: str) -> tuple[Field, ...]:
    """Fields that are shown and never asked: what they come from is no column of the table."""
    named = {**{name: _snake(name) for name in names.split()}, **columns}
    return tuple(Field(name=name, derived=_value_of(column)) for name, column in named.items())


def _value_of(column: str) -> Derived:
    return lambda row: row[column]


STAMPS = (
    *keys(id="id", createdById="created_by", updatedById="updated_by"),
    *instants(createdDate="created_at", updatedDate="updated_at"),
)


def one(name: str, target: str, table: str, *pairs: str, latest: bool = False) -> Link:
    """A relation to at most one object; `pairs` are written `here=there`, `here` means `id`."""
    return Link(name, target, Relation(table=table, pairs=_pairs(pairs), latest=latest))


def many(name: str, target: str, table: str, *pairs: str) -> Link:
    """A relation to a list of objects."""
    return Link(name, target, Relation(table=table, pairs=_pairs(pairs), many=True))


def contact(name: str, column: str) -> Link:
    """A relation to a contact that the row holds."""
    return Link(name, "", Relation(held=column))


def held_tiers(name: str, target: str) -> Link:
    """A relation to the price tiers that the row holds."""
    return Link(name, target, Relation(held=TIERS, many=True))


def _pairs(written: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    split = [pair.partition("=") for pair in written]
    return tuple((here, there or "id") for here, _, there in split)
