"""Which column of a usage file is which field of a usage record (U 3.6)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FIELDS = {
    "ACCOUNT_ID": "AccountNumber",
    "UOM": "UOM",
    "QTY": "Quantity",
    "STARTDATE": "StartDateTime",
    "ENDDATE": "EndDateTime",
    "SUBSCRIPTION_ID": "SubscriptionNumber",
    "CHARGE_ID": "ChargeNumber",
    "DESCRIPTION": "Description",
    "UNIQUE_KEY": "UniqueKey",
    "PRODUCT_RATE_PLAN_CHARGE_ID": "ProductRatePlanChargeNumber",
}
"""The columns of a usage file, and the fields of a record they fill."""

TEMPLATE = tuple(FIELDS)[:8]
"""The columns that a file of the template has, filled or not."""

REQUIRED = ("ACCOUNT_ID", "UOM", "QTY", "STARTDATE")
CUSTOM_SUFFIX = "__c"
UNIQUE_KEY = "UNIQUE_KEY"

# What is counted and for whom. Two imports that differ in it are not the same import.
_COUNTED = ("ACCOUNT_ID", "SUBSCRIPTION_ID", "CHARGE_ID", "UOM", "QTY")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each column's value comes from: a place in the row, or the same text for all rows."""

    header: Sequence[str]
    places: Mapping[str, int]
    constants: Mapping[str, str]

    @property
    def unused(self) -> Sequence[str]:
        """The file's columns that fill nothing."""
        used = set(self.places.values())
        return [name for place, name in enumerate(self.header) if name and place not in used]

    @property
    def counted(self) -> str:
        """What is counted and for whom, as text that is the same for the same import."""
        parts = [f"{name}={self._source(name)}" for name in _COUNTED]
        return "|".join(parts)

    def values(self, row: Sequence[str]) -> dict[str, str]:
        """Return a row's values by column; blank ones are left out."""
        found = {name: row[place] for name, place in self.places.items() if place < len(row)}
        return {name: text for name, text in {**found, **self.constants}.items() if text.strip()}

    def column_of(self, field: str, message: str) -> str:
        """Return the file's name for the field that a refusal is about, empty if it is about none.

        Clients know some refusals by their text only, which names the column.
        """
        base = field.removesuffix("Id").removesuffix("Number")
        named = (name for name, wire in FIELDS.items() if base and wire.startswith(base))
        told = (name for name in FIELDS if name in message)
        name = next(named, None) or next(told, "")
        return self.header[self.places[name]] if name in self.places else name

    def _source(self, name: str) -> str:
        if name in self.places:
            return f"column {self.header[self.places[name]]}"
        return f"always {self.constants[name]}" if name in self.constants else "none"


def known_column(name: str) -> str:
    """Return the column that a file's name means by itself, empty if none."""
    if name.endswith(CUSTOM_SUFFIX):
        return name
    return name.upper() if name.upper() in FIELDS else ""


def places_of(names: Sequence[str]) -> dict[str, int]:
    """Return where the columns are that mean something by their own names."""
    return {column: place for place, name in enumerate(names) if (column := known_column(name))}


def repeated(names: Sequence[str]) -> str:
    """Return a name that stands in a header twice, empty if none does."""
    counts = Counter(known_column(name) or name for name in names if name)
    return min((name for name, count in counts.items() if count > 1), default="")
