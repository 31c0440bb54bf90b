"""Depleting funds by hand: how much, when, and what is refused (U 2.14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from earned.domain.calendar import parse_day
from earned.domain.charge import ChargeTerms
from earned.domain.errors import Invalid, Missing, RuleBroken, UnknownField
from earned.domain.exact import fits, parse_decimal, round_units
from earned.domain.money import Currency
from earned.domain.prepaid import Fund

FUNDS_MAX = 100
MIXED = "Currency funds and unit funds cannot be depleted in one request."

_OPTION = ("fundId", "depleteDate", "depleteAmount", "depleteQuantity")
_ID_LENGTH_MAX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Depletion:
    """What to deplete of a fund: all of it, where neither amount nor quantity is given.

    Without a day, on the fund's last.
    """

    fund_id: str
    day: date | None = None
    amount: Decimal | None = None
    quantity: Decimal | None = None


def parse_depletions(payload: Mapping[str, object]) -> Sequence[Depletion]:
    """Read a request: `fundIds`, or `depleteOptions`.

    The request as a whole is refused, in this order: for fields it does not know, for both or
    neither of the two, for more than 100 funds, for a value that is none, for a fund twice.
    """
    for name in payload:
        if name not in ("fundIds", "depleteOptions"):
            raise UnknownField(f"'{name}' is not a known field", field=name)
    ids, options = payload.get("fundIds"), payload.get("depleteOptions")
    if (ids is None) == (options is None):
        raise Invalid("Exactly one of 'fundIds' and 'depleteOptions' should be given.")
    field, given = ("fundIds", ids) if options is None else ("depleteOptions", options)
    if not isinstance(given, list) or not given:
        raise Invalid(f"'{field}' value is invalid", field=field)
    if len(given) > FUNDS_MAX:
        raise Invalid(f"'{field}' names more than {FUNDS_MAX} funds.", field=field)
    read = _from_id if options is None else _from_option
    found = [read(one, f"{field}[{place}]") for place, one in enumerate(given)]
    if len({one.fund_id for one in found}) < len(found):
        raise Invalid(f"'{field}' names a fund more than once.", field=field)
    return found


def _from_id(value: object, field: str) -> Depletion:
    if value is None or value == "":
        raise Missing(f"'{field}' may not be null", field=field)
    if not isinstance(value, str) or len(value) > _ID_LENGTH_MAX or not value.strip():
        raise Invalid(f"'{field}' value is invalid", field=field)
    return Depletion(fund_id=value)


def _from_option(value: object, field: str) -> Depletion:
    if not isinstance(value, Mapping):
        raise Invalid(f"'{field}' value is invalid", field=field)
    for name in value:
        if name not in _OPTION:
            raise UnknownField(f"'{field}.{name}' is not a known field", field=f"{field}.{name}")
    day = value.get("depleteDate")
    amount = _units(value.get("depleteAmount"), f"{field}.depleteAmount")
    quantity = _units(value.get("depleteQuantity"), f"{field}.depleteQuantity")
    if amount is not None and quantity is not None:
        raise Invalid(f"'{field}' has both depleteAmount and depleteQuantity.", field=field)
    return Depletion(
        fund_id=_from_id(value.get("fundId"), f"{field}.fundId").fund_id,
        day=None if day is None else parse_day(day, f"{field}.depleteDate"),
        amount=amount,
        quantity=quantity,
    )


def _units(value: object, field: str) -> Decimal | None:
    if value is None:
        return None
    units = parse_decimal(value, field)
    if units <= 0:
        raise Invalid(f"'{field}' value should be greater than 0", field=field)
    if not all(fits(units)):
        message = f"'{field}' value should have at most 13 digits before and 9 after the point"
        raise Invalid(message, field=field)
    return units


def check_depletion(
    depletion: Depletion, fund: Fund, charge: ChargeTerms, last_moved: date | None
) -> tuple[Decimal, date]:
    """Return what leaves a fund, and when. Raises `RuleBroken`, which is this fund's alone.

    `last_moved` is the last day on which it was drawn or depleted: not before that, and within the
    validity of the fund.
    """
    if not fund.balance:
        raise RuleBroken("The balance of the fund is zero.")
    units = _asked(depletion, charge)
    if units is not None and charge.is_of_currency and units != _whole_minor(units, fund):
        raise RuleBroken("The deplete amount has too many decimals for the currency.")
    if units is not None and units > fund.balance:
        raise RuleBroken("The fund has less than that.")
    day = depletion.day or fund.last_day
    first = max(fund.start_date, last_moved or fund.start_date)
    if not first <= day <= fund.last_day:
        window = f"from {first} to {fund.last_day}"
        raise RuleBroken(f"The deplete date should be {window}.")
    return (fund.balance if units is None else units), day


def _whole_minor(amount: Decimal, fund: Fund) -> Decimal:
    return round_units(amount, Currency.of(fund.currency).scale, "Down")


def _asked(depletion: Depletion, charge: ChargeTerms) -> Decimal | None:
    if charge.is_of_currency and depletion.quantity is not None:
        raise RuleBroken("'depleteQuantity' is only for unit funds.")
    if not charge.is_of_currency and depletion.amount is not None:
        raise RuleBroken("'depleteAmount' is only for currency funds.")
    return depletion.amount if charge.is_of_currency else depletion.quantity
