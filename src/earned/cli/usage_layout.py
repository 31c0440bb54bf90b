"""The layout of somebody's file: what `earned usage import` says of its columns."""

from collections.abc import Mapping, Sequence

from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.domain.usage_columns import CUSTOM_SUFFIX, FIELDS, REQUIRED, Layout, places_of

_EXPLAINED = f"Columns are {', '.join(FIELDS)} and custom fields, which end in {CUSTOM_SUFFIX}."


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
    places = places_of(names)
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


def _check_targets(names: Sequence[str]) -> None:
    for name in names:
        if name not in FIELDS and not name.endswith(CUSTOM_SUFFIX):
            raise _refusal(f"There is no column '{name}' in a usage record.", _EXPLAINED)


def _refusal(message: str, next_step: str = "") -> CommandFailed:
    return CommandFailed(Exit.REFUSED, message, next_step)
