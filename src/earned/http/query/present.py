"""Objects as they are answered: the fields that are asked for, and the objects related to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from earned.domain.calendar import DAY, in_zone
from earned.domain.money import Currency, major
from earned.domain.query import Row, ValueKind
from earned.http.query.fields import Field, QueryObject
from earned.http.query.shape import View
from earned.services.query_objects import Found

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Presenter:
    """Writes objects; instants in `zone`, null fields only where they are asked for."""

    zone: ZoneInfo
    nulls: bool

    def body(self, found: Found, view: View) -> Body:
        """Return an object and what it is expanded with. The id is always shown."""
        shown = found.row if view.shown is None else self._fields(found.row, view.shown)
        fields = {name: value for name, value in shown.items() if self._is_asked(name, value, view)}
        related = {
            name: self._related(found.related[name], further)
            for name, further in view.further.items()
        }
        return {
            **fields,
            **{name: value for name, value in related.items() if value is not None or self.nulls},
        }

    def _related(self, found: Found | Sequence[Found] | None, view: View) -> object:
        if found is None:
            return None
        if isinstance(found, Found):
            return self.body(found, view)
        return [self.body(one, view) for one in found]

    def _is_asked(self, name: str, value: object, view: View) -> bool:
        if value is None and not self.nulls:
            return False
        return view.fields is None or name == "id" or name.lower() in view.fields

    def _fields(self, row: Row, shown: QueryObject) -> Mapping[str, object]:
        fields = {known.name: self._value(known, row) for known in shown.fields}
        if not shown.custom:
            return fields
        return {**cast(Mapping[str, object], row["custom_fields"]), **fields}

    def _value(self, known: Field, row: Row) -> object:
        value = known.of(row)
        if isinstance(value, datetime):
            return in_zone(value, self.zone)
        if known.kind is ValueKind.AMOUNT and isinstance(value, int):
            return major(value, Currency.of(str(row["currency"])))
        if known.kind is ValueKind.LAST_DAY and isinstance(value, date):
            return value - DAY
        return value
