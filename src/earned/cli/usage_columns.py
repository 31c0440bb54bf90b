"""Which column of somebody's file is which field of a usage record (U 3.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed

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
}
"""The columns of a usage file, and the fields of a record they fill."""

REQUIRED = ("ACCOUNT_ID", "UOM", "QTY", "STARTDATE")
CUSTOM_SUFFIX = "__c"

# What is counted and for whom. Two imports that differ in it are not the same import.
_COUNTED = ("ACCOUNT_ID", "SUBSCRIPTION_ID", "CHARGE_ID", "UOM", "QTY")

_EXPLAINED = f"Columns are {', '.join(FIELDS)} and custom fields, which end in {CUSTOM_SUFFIX}."


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
        return [name for place, name in enumerate(self.header) if place not in used]

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


def layout_of(
    header: Sequence[str], columns: Mapping[str, str], constants: Mapping[str, str]
) -> Layout:
    """Return the layout of a file with `header`; its own names count where nothing else is said.

    `columns` gives the file's name of a column, `constants` a value for all rows.
    """
    names = [name.strip() for name in header]
    _check_targets([*columns, *constants])
    if both := sorted(columns.keys() & constants.keys()):
        raise _refusal(f"{both[0]} is given by both --column and --set.")
    places = {column: place for place, name in enumerate(names) if (column := _known(name))}
    for column, name in columns.items():
        if name not in names:
            raise _refusal(f"There is no column '{name}' in the file. It has {', '.join(names)}.")
        places[column] = names.index(name)
    layout = Layout(
        names, {name: at for name, at in places.items() if name not in constants}, dict(constants)
    )
    missing = [name for name in REQUIRED if name not in {**layout.places, **constants}]
    if missing:
        raise _refusal(
            f"Nothing fills {', '.join(missing)}. The file has the columns {', '.join(names)}.",
            f"Add --column {missing[0]}=NAME for a column, or --set {missing[0]}=VALUE.",
        )
    return layout


def _known(name: str) -> str:
    """Return the column that a file's name means by itself, empty if none."""
    if name.endswith(CUSTOM_SUFFIX):
        return name
    return name.upper() if name.upper() in FIELDS else ""


def _check_targets(names: Sequence[str]) -> None:
    for name in names:
        if name not in FIELDS and not name.endswith(CUSTOM_SUFFIX):
            raise _refusal(f"There is no column '{name}' in a usage record.", _EXPLAINED)


def _refusal(message: str, next_step: str = "") -> CommandFailed:
    return CommandFailed(Exit.REFUSED, message, next_step)
