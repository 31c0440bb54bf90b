"""Rows of one table as domain values: a dataclass whose fields are the table's columns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    delete,
    func,
    select,
    type_coerce,
    update,
)

from earned.domain.tenancy import Scope
from earned.services.ports import Above, Repository
from earned.storage.bulk import bulk_insert, bulk_update
from earned.storage.pipeline import OnConnection
from earned.storage.tables.accounts import account
from earned.storage.tables.billing import bill_run
from earned.storage.tables.subscriptions import rate_plan, subscription
from earned.storage.tables.tenancy import organization
from earned.storage.tables.usage import usage_import

T = TypeVar("T")

Criteria = Mapping[str, object]
"""Values by the names of columns."""

REMEMBERED_MAX = 100_000

_ROWS_HELD = 1000
_OWN = "own_entity_id"


class OpenBooks(OnConnection, Protocol):
    """What a repository needs of the books it is open in."""

    scope: Scope
    now: datetime
    memory: dict[object, object] | None

    def restructure(self) -> None:
        """Note that structure changes."""


class Mapped(Generic[T]):
    """A table and the dataclass its rows become; as a class attribute, opens the repository.

    The repository is made on first use and then found in the instance, which is why this has no
    `__set__`: most transactions touch few of the two dozen tables.
    """

    def __init__(self, table: Table, kind: type[T], *, structural: bool = False) -> None:
        """Map `table` to `kind`."""
        self.table = table
        self.kind = kind
        self.structural = structural
        self.names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
        self.columns = [table.c[name] for name in self.names]
        self.statements: dict[object, Select[Any]] = {}
        self.updates: dict[tuple[str, ...], Update] = {}
        self._attribute = ""

    def __set_name__(self, owner: type, name: str) -> None:
        """Remember under which name the books hold the repository."""
        self._attribute = name

    def __get__(self, books: OpenBooks, owner: type) -> Repository[T]:
        """Open the repository of `books`."""
        repository = SqlRepository(books, self)
        books.__dict__[self._attribute] = repository
        return repository


class SqlRepository(Generic[T]):
    """The rows of one table that belong to the entity and that the organisations may see.

    A structural repository holds what usage is resolved against: what it finds is remembered while
    the entity's revision stands, and what it stores moves the revision on.
    """

    def __init__(self, books: OpenBooks, mapping: "Mapped[T]") -> None:
        """Read and write the rows that `mapping` describes, in `books`."""
        self._books = books
        self._table = mapping.table
        self._kind = mapping.kind
        self._structural = mapping.structural
        self._names = mapping.names
        self._columns = mapping.columns
        self._statements = mapping.statements
        self._updates = mapping.updates

    def add(self, row: T) -> T:
        """Store a new row and return it."""
        self.add_all([row])
        return row

    def add_all(self, rows: Sequence[T]) -> None:
        """Store new rows with one statement."""
        if rows:
            self._before_change()
            connection = self._books.connection
            bulk_insert(self._table, connection.dialect).execute(connection, rows)

    def find(self, **criteria: object) -> T | None:
        """Return the one row that meets the criteria, or None."""
        memory = self._books.memory if self._structural else None
        if memory is None:
            return self._fetch_one(criteria)
        question = (self._table.name, self._books.scope.organization_ids, *criteria.items())
        if question not in memory:
            _remember(memory, question, self._fetch_one(criteria))
        return memory[question]  # type: ignore[return-value]

    def list(
        self,
        *,
        order_by: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
        lock: bool = False,
        **criteria: object,
    ) -> Sequence[T]:
        """Return the rows that meet the criteria, as a tuple."""
        if lock and all(isinstance(value, set) for value in criteria.values()):
            return self._fetch(*self._locking(criteria, order_by))
        if lock:
            statement, values = self._page(criteria, order_by, limit, offset)
            return self._fetch(statement.with_for_update(), values)
        memory = self._books.memory if self._structural else None
        visible = self._books.scope.organization_ids
        question = (self._table.name, visible, tuple(order_by), limit, offset, *criteria.items())
        if memory is None or any(isinstance(value, list | set) for value in criteria.values()):
            return self._fetch(*self._page(criteria, order_by, limit, offset))
        if question not in memory:
            found = self._fetch(*self._page(criteria, order_by, limit, offset))
            _remember(memory, question, found)
        return memory[question]  # type: ignore[return-value]

    def stream(self, *, order_by: Sequence[str] = (), **criteria: object) -> Iterator[T]:
        """Yield the rows that meet the criteria; a cursor of the database holds the rest."""
        statement, values = self._page(criteria, order_by, None, 0)
        options = {"yield_per": _ROWS_HELD}
        for row in self._books.connection.execute(statement, values, execution_options=options):
            yield self._kind(**dict(zip(self._names, row, strict=True)))

    def count(self, **criteria: object) -> int:
        """Count the rows that meet the criteria."""
        counted = select(func.count()).select_from(self._table).where(*self._where(criteria))
        statement = self._visible(counted)
        return int(
            self._books.connection.execute(statement, self._values_of(criteria)).scalar_one()
        )

    def change(self, row: T, **changes: object) -> T:
        """Store `row` with `changes`, stamped if the table is, and return it."""
        if "updated_by" in self._names:
            changes |= {"updated_by": self._books.scope.user_id, "updated_at": self._books.now}
        self._before_change()
        changed = replace(row, **changes)  # type: ignore[type-var]
        values = {f"new_{name}": value for name, value in changes.items()}
        for column in self._table.primary_key:
            values[f"its_{column.name}"] = getattr(row, column.name)
        self._books.connection.execute(self._updating(tuple(changes)), values)
        return changed

    def save_all(self, rows: Sequence[T], *, only: Sequence[str] = ()) -> None:
        """Insert the rows, or overwrite those that are there by primary key."""
        if not rows:
            return
        self._before_change()
        connection = self._books.connection
        keys = {column.name for column in self._table.primary_key}
        overwrite = only or [name for name in self._names if name not in keys]
        bulk_insert(self._table, connection.dialect, overwrite).execute(connection, rows)

    def update_all(self, changes: Sequence[Mapping[str, object]]) -> None:
        """Change rows by primary key with one statement."""
        if not changes:
            return
        self._before_change()
        connection = self._books.connection
        bulk_update(self._table, connection.dialect, changes[0]).execute(connection, changes)

    def remove(self, row: T) -> None:
        """Delete a row that nothing refers to."""
        self._before_change()
        self._books.connection.execute(delete(self._table).where(*self._is(row)))

    def remove_all(self, **criteria: object) -> None:
        """Delete the rows that meet the criteria; nothing refers to them."""
        self._before_change()
        visible = visible_rows(self._table, self._books.scope.organization_ids)
        conditions = [*self._where(criteria), *(() if visible is None else (visible,))]
        statement = delete(self._table).where(*conditions)
        self._books.connection.execute(statement, self._values_of(criteria))

    def _before_change(self) -> None:
        if self._structural:
            self._books.restructure()

    def _values(self, row: T) -> dict[str, object]:
        return {name: getattr(row, name) for name in self._names}

    def _updating(self, names: tuple[str, ...]) -> Update:
        """Return the statement that changes a row, made once for each choice of columns."""
        known = self._updates.get(names)
        if known is None:
            own = [column == bindparam(f"its_{column.name}") for column in self._table.primary_key]
            assert own, "a row without a key cannot be told from others"
            new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
            known = self._updates[names] = update(self._table).where(*own).values(new)
        return known

    def _is(self, row: T) -> Sequence[ColumnElement[bool]]:
        keys = [column == getattr(row, column.name) for column in self._table.primary_key]
        assert keys, "a row without a key cannot be told from others"
        return keys

    def _locking(self, criteria: Criteria, order_by: Sequence[str]) -> tuple[Select[Any], Criteria]:
        """Return the statement that locks rows by sets of values, and its values.

        The caller is a writer of the whole entity: organisations do not limit what it locks.
        """
        question = ("locked", *criteria, *order_by)
        if question not in self._statements:
            self._statements[question] = self._select(criteria, order_by).with_for_update()
        return self._statements[question], self._values_of(criteria)

    def _fetch_one(self, criteria: Criteria) -> T | None:
        found = self._fetch(*self._page(criteria, (), 1, 0))
        return found[0] if found else None

    def _fetch(self, statement: Select[Any], values: Criteria) -> Sequence[T]:
        rows = self._books.connection.execute(statement, values)
        return tuple(self._kind(**dict(zip(self._names, row, strict=True))) for row in rows)

    def _page(
        self,
        criteria: Criteria,
        order_by: Sequence[str],
        limit: int | None,
        offset: int,
    ) -> tuple[Select[Any], Mapping[str, object]]:
        """Return a statement, made once for all questions that differ in values alone; and those.

        Making one costs as much as executing it.
        """
        signs = tuple((name, _sign(value)) for name, value in criteria.items())
        question = (signs, tuple(order_by), limit, offset)
        statement = self._statements.get(question)
        if statement is None:
            statement = self._select(criteria, order_by)
            statement = statement if limit is None else statement.limit(limit)
            statement = statement.offset(offset) if offset else statement
            if not offset:  # There are as many pages as somebody reads.
                self._statements[question] = statement
        return self._visible(statement), self._values_of(criteria)

    def _select(self, criteria: Criteria, order_by: Sequence[str]) -> Select[Any]:
        statement = select(*self._columns).where(*self._where(criteria))
        return statement.order_by(*(self._order(name) for name in order_by))

    def _order(self, name: str) -> ColumnElement[Any]:
        column = self._table.c[name.removeprefix("-")]
        return column.desc() if name.startswith("-") else column.asc()

    def _visible(self, statement: Select[Any]) -> Select[Any]:
        visible = visible_rows(self._table, self._books.scope.organization_ids)
        return statement if visible is None else statement.where(visible)

    def _where(self, criteria: Criteria) -> Sequence[ColumnElement[bool]]:
        columns = self._table.c
        own = columns.entity_id == bindparam(_OWN)
        return [own, *(_meets(columns[name], _sign(value)) for name, value in criteria.items())]

    def _values_of(self, criteria: Criteria) -> Criteria:
        values = {name: _bound(value) for name, value in criteria.items()}
        return {_OWN: self._books.scope.entity_id, **values}


def _sign(value: object) -> object:
    """Say how a criterion compares. What is yes or no, or not there, is part of the statement.

    Indexes of some rows are found by it.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Above):
        return ">"
    return "in" if isinstance(value, Collection) and not isinstance(value, str) else "="


def _meets(column: ColumnElement[Any], sign: object) -> ColumnElement[bool]:
    """Return the condition on a column; its value comes by the column's name."""
    if sign == "in":
        return column.in_(bindparam(column.name, expanding=True))
    if sign == ">":
        return column > bindparam(column.name)
    if sign == "=":
        return column == bindparam(column.name)
    return column.is_(None) if sign is None else column == sign


def _bound(value: object) -> object:
    if isinstance(value, Above):
        return value.value
    return list(value) if isinstance(value, Collection) and not isinstance(value, str) else value


def _remember(memory: dict[object, object], question: object, answer: object) -> None:
    """Remember an answer; when there are too many, start over."""
    if len(memory) >= REMEMBERED_MAX:
        memory.clear()
    memory[question] = answer


def visible_rows(
    table: FromClause, organization_ids: frozenset[str] | None
) -> ColumnElement[bool] | None:
    """Return the condition that hides other organisations' rows, or None where nothing is hidden.

    Organisations own accounts, and through them all that hangs on an account; a file of usage and a
    bill run are theirs for whom they were made. The catalog and the books themselves belong to the
    whole entity.
    """
    if organization_ids is None:
        return None
    if table is usage_import or table is bill_run:
        return _without_others(table, organization_ids)
    if table is account:
        return account.c.organization_id.in_(organization_ids)
    mine = select(account.c.id).where(account.c.organization_id.in_(organization_ids))
    if table is rate_plan:
        versions = select(subscription.c.id).where(subscription.c.account_id.in_(mine))
        return rate_plan.c.subscription_id.in_(versions)
    return table.c.account_id.in_(mine) if "account_id" in table.c else None


def _without_others(table: FromClause, organization_ids: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition that a row is for none but these organisations."""
    mine = table.c.organization_ids
    other = select(organization.c.id).where(
        organization.c.entity_id == table.c.entity_id,
        organization.c.id.not_in(organization_ids),
        type_coerce(mine, Text).contains(organization.c.id),
    )
    return and_(mine.is_not(None), ~other.exists())
