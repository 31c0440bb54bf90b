"""The chain of numbers on a connection: implements `earned.services.trail.Trail`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from earned.domain.explaining import Direction, Key, Node, NodeKind, Sums
from earned.domain.tenancy import Scope
from earned.storage.exact_sum import exact_total
from earned.storage.explaining.steps import STEPS, Step
from earned.storage.explaining.views import COLUMNS, VIEWS, View
from earned.storage.reporting.sources import total
from earned.storage.repository import visible_rows
from earned.storage.tables.accounting import accounting_period
from earned.storage.tables.accounts import account
from earned.storage.tables.billing import billing_document, invoice_item_adjustment
from earned.storage.tables.journal import journal_entry, journal_entry_item
from earned.storage.tables.schedules import distribution, revenue_schedule

_SEPARATOR = ":"
_K = NodeKind
_BY_NUMBER: tuple[tuple[NodeKind, ColumnElement[Any]], ...] = (
    (_K.REVENUE_SCHEDULE, revenue_schedule.c.number),
    (_K.DISTRIBUTION, distribution.c.number),
    (_K.JOURNAL_ENTRY, journal_entry.c.number),
    (_K.BILLING_DOCUMENT, billing_document.c.number),
    (_K.ADJUSTMENT, invoice_item_adjustment.c.number),
)
_BY_PART: tuple[tuple[NodeKind, ColumnElement[Any], ColumnElement[Any]], ...] = (
    (_K.REVENUE_ITEM, revenue_schedule.c.number, accounting_period.c.name),
    (_K.DISTRIBUTION_ITEM, distribution.c.number, accounting_period.c.name),
)
_BY_ID = (
    *(_K.USAGE, _K.GUIDED_USAGE, _K.BALANCE_TRANSACTION, _K.DAILY_CONSUMPTION),
    *(_K.REVENUE_EVENT, _K.FUND, _K.RATING_RESULT, _K.BILLING_ITEM, _K.ADJUSTMENT),
    *(_K.REVENUE_SCHEDULE, _K.DISTRIBUTION, _K.JOURNAL_ENTRY, _K.BILLING_DOCUMENT),
)


class SqlTrail:
    """The chain as far as a scope may see it."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        """Look on `connection`."""
        self._connection = connection
        self._scope = scope

    def find(self, key: str) -> Node | None:
        """Return what an id or number names."""
        number, separator, part = key.partition(_SEPARATOR)
        if separator:
            return self._find_part(number.upper(), part)
        for kind, column in _BY_NUMBER:
            if found := self._first(VIEWS[kind], column.in_((number, number.upper()))):
                return found
        for kind in _BY_ID:
            view = VIEWS[kind]
            if found := self._first(view, view.keys[0] == key):
                return found
        return None

    def sums(
        self, direction: Direction, step: tuple[NodeKind, NodeKind], keys: Sequence[Key]
    ) -> Mapping[Key, Sums]:
        """Count and add up what each of the things with these keys leads to."""
        way = STEPS[direction, *step]
        view, parents = way.view, way.parents
        amount = view.column("amount_minor") if view.has_sum else view.absent("amount_minor")
        counted = (
            func.count(),
            func.max(view.column("currency")),
            total(amount),
            exact_total(view.column("quantity")),
        )
        statement = self._led_to(way, keys, select(*parents, *counted)).group_by(*parents)
        depth = len(parents)
        return {
            tuple(row[:depth]): Sums(*row[depth:]) for row in self._connection.execute(statement)
        }

    def children(
        self,
        direction: Direction,
        step: tuple[NodeKind, NodeKind],
        keys: Sequence[Key],
        limit: int,
        offset: int = 0,
    ) -> Mapping[Key, Sequence[Node]]:
        """Return the first things that each of them leads to, in a lasting order."""
        way = STEPS[direction, *step]
        parents = [parent.label(f"parent_{at}") for at, parent in enumerate(way.parents)]
        order = (*way.view.order, *way.view.keys)
        place = func.row_number().over(partition_by=way.parents, order_by=order).label("place")
        ranked = self._led_to(way, keys, select(*parents, *_columns(way.view), place)).subquery()
        statement = (
            select(ranked)
            .where(ranked.c.place > offset, ranked.c.place <= offset + limit)
            .order_by(*(ranked.c[parent.name] for parent in parents), ranked.c.place)
        )
        found: dict[Key, list[Node]] = defaultdict(list)
        for row in self._connection.execute(statement):
            node = _node(way.view, row)
            found[tuple(row[: len(parents)])].append(node)
        return found

    def _find_part(self, number: str, part: str) -> Node | None:
        for kind, column, name in _BY_PART:
            if found := self._first(VIEWS[kind], column == number, name == part):
                return found
        if not part.isdigit():
            return None
        line, place = VIEWS[_K.JOURNAL_LINE], journal_entry_item.c.place.cast(COLUMNS["id"])
        return self._first(line, journal_entry.c.number == number, place == part)

    def _first(self, view: View, *conditions: ColumnElement[bool]) -> Node | None:
        statement = select(*_columns(view)).select_from(view.source)
        row = self._connection.execute(
            statement.where(*conditions, *self._visible(view)).limit(1)
        ).first()
        return _node(view, row) if row is not None else None

    def _led_to(self, way: Step, keys: Sequence[Key], statement: Select[Any]) -> Select[Any]:
        known = [key for key in keys if None not in key]
        # The first part by itself too: SQLite finds no index for keys of several tables.
        ours = [way.parents[0].in_([key[0] for key in known])]
        if len(way.parents) > 1:
            ours.append(tuple_(*way.parents).in_(known))
        return statement.select_from(way.view.source).where(*ours, *self._visible(way.view))

    def _visible(self, view: View) -> Sequence[ColumnElement[bool]]:
        """Return the conditions on rows: of the entity, and of accounts that are visible."""
        conditions: list[ColumnElement[bool]] = [view.entity_id == self._scope.entity_id]
        visible = visible_rows(account, self._scope.organization_ids)
        if visible is not None and view.account_id is not None:
            conditions.append(view.account_id.in_(select(account.c.id).where(visible)))
        return conditions


def _columns(view: View) -> Sequence[ColumnElement[Any]]:
    keys = [key.label(f"key_{at}") for at, key in enumerate(view.keys)]
    return [*keys, *(view.column(name).label(f"node_{name}") for name in COLUMNS)]


def _node(view: View, row: Row[Any]) -> Node:
    values = row._mapping  # noqa: SLF001 - The documented name of it.
    facts = {name: values[f"node_{name}"] for name in COLUMNS}
    key = tuple(values[f"key_{at}"] for at, _ in enumerate(view.keys))
    return Node(kind=view.kind, key=key, **facts)
