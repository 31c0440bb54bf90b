"""What an entity decides about a currency: how its amounts are rounded, and whether it is used."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from earned.domain.choices import parse_choice
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.money import Currency, RoundingMode, major, parse_amount
from earned.domain.tenancy import Stamped

_CODE = re.compile("[A-Z]{3}")
_ROUNDING = frozenset({"rounding", "increment_minor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyRules(Stamped):
    """How an entity rounds amounts of a currency; one that has none is as `Currency.of` says.

    The increment is in minor units: 5 for francs means that amounts are multiples of 0.05 (R 7).
    An inactive currency takes no new accounts and no journal entries by hand.
    """

    entity_id: str
    code: str
    rounding: RoundingMode = RoundingMode.HALF_UP
    increment_minor: int = 1
    active: bool = True

    @property
    def currency(self) -> Currency:
        """The currency as it is computed with."""
        return Currency.of(self.code, self.rounding, self.increment_minor)


def parse_code(text: str) -> str:
    """Return a currency code of three capital letters. Raises `Invalid`."""
    if not _CODE.fullmatch(text):
        raise Invalid(f"'currency' value is invalid: {text}", field="currency")
    return text


def read_rules(code: str, sent: Mapping[str, object]) -> Mapping[str, Any]:
    """Return what a request says of a currency, by the fields of its rules. Raises `Invalid`."""
    return dict(_read(code, {name: value for name, value in sent.items() if value is not None}))


def _read(code: str, sent: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    if "roundingMode" in sent:
        yield "rounding", parse_choice(RoundingMode, str(sent["roundingMode"]), "roundingMode")
    if "roundingIncrement" in sent:
        yield "increment_minor", _increment(code, sent["roundingIncrement"])
    if "active" in sent:
        yield "active", sent["active"]


def _increment(code: str, value: object) -> int:
    name, currency = "roundingIncrement", Currency.of(code)
    try:
        increment = parse_amount(value, currency, name)
    except Invalid:
        increment = 0
    if increment <= 0:
        message = f"'{name}' should be an amount above 0 with at most {currency.scale} decimals"
        raise Invalid(message, field=name)
    return increment


def wire_rules(rules: CurrencyRules) -> Mapping[str, object]:
    """Return what holds for a currency, by wire name."""
    return {
        "currency": rules.code,
        "decimals": rules.currency.scale,
        "roundingMode": rules.rounding,
        "roundingIncrement": major(rules.increment_minor, rules.currency),
        "active": rules.active,
    }


def check_free(code: str, changes: Mapping[str, object], amounts: Sequence[str]) -> None:
    """Refuse to round otherwise where there are amounts that were rounded as it was.

    They are recomputed to the byte by regenerating and by the audit. `amounts` says what there is.
    Raises `RuleBroken`.
    """
    if amounts and not _ROUNDING.isdisjoint(changes):
        raise RuleBroken(
            f"The rounding of {code} cannot be changed: the books have amounts in {code}"
            f" ({', '.join(amounts)})."
        )
