"""The options of a recognition rule as a request says them: in any spelling (R 3.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from earned.domain.choices import parse_choice
from earned.domain.recognition import Method, Rounding
from earned.domain.recognition_rule import (
    OPTION_NAMES,
    ClosedPeriods,
    DateField,
    LengthUnit,
    TransactionDate,
)

_CHOICES: Mapping[str, type[StrEnum]] = {
    "distribution_type": Method,
    "rounding": Rounding,
    "transaction_date": TransactionDate,
    "closed_periods": ClosedPeriods,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDate:
    """So many units after a date."""

    date_field: str
    after: int = 0
    unit: str = "Days"


def parse_options(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of a rule's options by the fields of `RecognitionRule`.

    `said` has fields of that name, and the `TermDate`s `start` and `end`. None is the model's
    default. Raises `Invalid`.
    """
    options: dict[str, Any] = {}
    for which in ("start", "end"):
        if which in said:
            options |= _parse_term_date(which, said[which])
    for name, kind in _CHOICES.items():
        if name in said:
            text = said[name]
            options[name] = text and parse_choice(kind, text, OPTION_NAMES[name])
    return options


def _parse_term_date(which: str, said: TermDate | None) -> dict[str, Any]:
    names = (f"{which}_field", f"{which}_after", f"{which}_unit")
    if said is None:
        return dict.fromkeys(names)
    wire = OPTION_NAMES[names[0]]
    date_field = parse_choice(DateField, said.date_field, f"{wire}.dateField")
    unit = parse_choice(LengthUnit, said.unit, f"{wire}.unit")
    return dict(zip(names, (date_field, said.after, unit), strict=True))
