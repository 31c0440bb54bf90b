"""Answer object queries: a page of stored rows, each with the related rows that are asked for.

Related rows are fetched for the whole page at once, one statement a relation, and a list of them is
cut at the page size (R 8.9: pages are of the queried object, not of what it is expanded with).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import cast

from earned.domain.charge import Tier
from earned.domain.errors import InvalidQuery, NotFound
from earned.domain.money import Currency, major
from earned.domain.query import (
    Condition,
    Operator,
    Position,
    Row,
    RowQuery,
    Sort,
    ValueKind,
    equal,
)
from earned.services.ports import Books

EXPANDED_MAX = 10_000
TIERS = "tiers"

_ID_LENGTH = 32
_SUFFIX_DIGITS = 4
_SUFFIXES = 16**_SUFFIX_DIGITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How rows lead to others: by `pairs` of columns here and there, or to a value they hold.

    Of rows that have versions or segments, only those of the `latest` version count.
    """

    table: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    many: bool = False
    latest: bool = False
    held: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A relation to follow under a name, and those to follow from there."""

    name: str
    relation: Relation
    further: tuple["Expansion", ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and what it is related to: one, several or none under each name."""

    row: Row
    related: Mapping[str, "Found | Sequence[Found] | None"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what was found, and the position of the last if there is more."""

    found: Sequence[Found]
    last: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectQuery:
    """What is asked: `rows.limit` objects. With `tiers`, the price tiers the rows hold."""

    rows: RowQuery
    page_size: int
    expansions: tuple[Expansion, ...] = ()
    tiers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key in a path: an id, or a number if the table has one in the column `number`.

    Of several versions with one number the latest counts, and of its segments the last.
    """

    key: str
    number: str = ""
    latest: bool = False
    segment: str = ""


def query_objects(books: Books, query: ObjectQuery) -> Page:
    """Return one page. Raises `InvalidQuery` where the expansions reach too far."""
    wanted = query.page_size + 1
    rows = _tiers(books, query.rows, wanted) if query.tiers else _rows(books, query.rows, wanted)
    shown = rows[: query.page_size]
    last = _position(shown[-1], query.rows.sort) if len(rows) > len(shown) else None
    return Page(_Expander(books, query.page_size).expand(shown, query.expansions), last)


def find_object(books: Books, query: ObjectQuery, key: Key) -> Found:
    """Return the object that the key names. Raises `NotFound`."""
    row = _tier(books, query.rows.table, key) if query.tiers else _one(books, query.rows, key)
    if row is None:
        raise NotFound.by_key(key.key)
    return _Expander(books, query.page_size).expand([row], query.expansions)[0]


def _rows(books: Books, query: RowQuery, wanted: int) -> Sequence[Row]:
    return books.search(replace(query, limit=wanted))


def _one(books: Books, query: RowQuery, key: Key) -> Row | None:
    by_id = books.search(RowQuery(table=query.table, conditions=(equal("id", key.key),), limit=1))
    if by_id or not key.number:
        return by_id[0] if by_id else None
    conditions = [equal(key.number, key.key)]
    if key.latest:
        conditions.append(_LATEST)
    sort = Sort(key.segment, ValueKind.WHOLE, descending=True) if key.segment else None
    found = books.search(
        RowQuery(table=query.table, conditions=tuple(conditions), sort=sort, limit=1)
    )
    return found[0] if found else None


_LATEST = Condition("is_latest", ValueKind.FLAG, Operator.EQ, (True,))


def _position(row: Row, sort: Sort | None) -> Position:
    """Return where a row stands in the order."""
    key = str(row["id"])
    if sort is None:
        return Position(key)
    value = row[sort.column]
    if sort.kind is ValueKind.AMOUNT and value is not None:
        value = major(cast(int, value), Currency.of(str(row["currency"])))
    return Position(key, value)


class _Expander:
    """Follows relations from many rows at a time, up to a number of objects an answer may have."""

    def __init__(self, books: Books, page_size: int) -> None:
        self._books = books
        self._page_size = page_size
        self._left = EXPANDED_MAX

    def expand(self, rows: Sequence[Row], expansions: Sequence[Expansion]) -> Sequence[Found]:
        """Return the rows with what each is related to."""
        names = [expansion.name for expansion in expansions]
        columns = [self._follow(rows, expansion) for expansion in expansions]
        return [
            Found(row, {name: column[place] for name, column in zip(names, columns, strict=True)})
            for place, row in enumerate(rows)
        ]

    def _follow(
        self, rows: Sequence[Row], expansion: Expansion
    ) -> Sequence[Found | Sequence[Found] | None]:
        """Return, for each row, what the relation leads to."""
        relation = expansion.relation
        if relation.held:
            return [_held(row, relation.held) for row in rows]
        there = self._search(relation, rows)
        found = self.expand(there, expansion.further)
        grouped: dict[tuple[object, ...], list[Found]] = {}
        for row, one in zip(there, found, strict=True):
            grouped.setdefault(tuple(row[name] for _, name in relation.pairs), []).append(one)
        groups = [grouped.get(tuple(row[name] for name, _ in relation.pairs), []) for row in rows]
        if relation.many:
            return groups
        return [group[0] if group else None for group in groups]

    def _search(self, relation: Relation, rows: Sequence[Row]) -> Sequence[Row]:
        here, there = relation.pairs[0]
        keys = sorted({str(row[here]) for row in rows if row[here] is not None})
        if not keys:
            return []
        among = Condition(there, ValueKind.KEY, Operator.IN, tuple(keys))
        conditions = (among, _LATEST) if relation.latest else (among,)
        found = self._books.search(
            RowQuery(
                table=relation.table,
                conditions=conditions,
                limit=self._page_size if relation.many else None,
                each=there if relation.many else None,
            )
        )
        self._left -= len(found)
        if self._left < 0:
            message = f"expand[] leads to more than {EXPANDED_MAX} objects; ask for a smaller page."
            raise InvalidQuery(message, field="expand[]")
        return found


def _held(row: Row, name: str) -> Found | Sequence[Found] | None:
    if name == TIERS:
        return [Found(tier) for tier in tier_rows(row)]
    value = row[name]
    return Found(cast(Row, value)) if isinstance(value, Mapping) else None


def tier_rows(charge: Row) -> Sequence[Row]:
    """Return the price tiers a charge holds, as rows of their own."""
    tiers = cast(Sequence[Tier], charge[TIERS])
    inherited = ("included_units", "created_by", "created_at", "updated_by", "updated_at")
    return [
        {
            **asdict(tier),
            **{name: charge[name] for name in inherited},
            "id": tier_id(str(charge["id"]), place),
            "charge_id": charge["id"],
        }
        for place, tier in enumerate(tiers, start=1)
    ]


def tier_id(charge_id: str, place: int) -> str:
    """Return the id of a charge's tier: the charge's, its last digits counted on.

    Ids end in 64 random bits, so no other object has it, and the charge can be found by it.
    """
    suffix = (int(charge_id[-_SUFFIX_DIGITS:], 16) + place) % _SUFFIXES
    return f"{charge_id[:-_SUFFIX_DIGITS]}{suffix:0{_SUFFIX_DIGITS}x}"


def _tiers(books: Books, query: RowQuery, wanted: int) -> Sequence[Row]:
    """Return the next tiers, charge by charge in the order of their ids, each in its order."""
    after = query.after.id if query.after else ""
    tiers: list[Row] = []
    start = _from_charge_of(after)
    while True:
        position = Position(start) if start else None
        charges = books.search(replace(query, after=position, limit=wanted))
        for charge in charges:
            tiers += _behind(tier_rows(charge), after)
        if len(tiers) >= wanted or len(charges) < wanted:
            return tiers[:wanted]
        start = str(charges[-1]["id"])


def _tier(books: Books, table: str, key: Key) -> Row | None:
    start = _from_charge_of(key.key)
    if len(key.key) != _ID_LENGTH:
        return None
    charges = books.search(RowQuery(table=table, after=Position(start), limit=1))
    tiers = tier_rows(charges[0]) if charges else ()
    return next((tier for tier in tiers if tier["id"] == key.key), None)


def _from_charge_of(tier: str) -> str:
    """Return a position just before the charge that a tier is of."""
    return tier[:-_SUFFIX_DIGITS]


def _behind(tiers: Sequence[Row], after: str) -> Sequence[Row]:
    """Leave out the tiers up to and with `after`, if it is one of them."""
    places = [place for place, tier in enumerate(tiers, start=1) if tier["id"] == after]
    return tiers[places[0] :] if places else tiers
