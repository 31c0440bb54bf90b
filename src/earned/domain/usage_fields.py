"""From the fields of a usage record as sent to checked values (U 3.3, steps 2 to 4).

Checks run in stages, and a stage names every field at fault before the next begins: what is
missing, then formats and lengths, then the sign. Texts are the ones clients know (U 3.3).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from earned.domain.calendar import parse_instant
from earned.domain.errors import EarnedError, Invalid, Kind, Problem
from earned.domain.exact import INTEGER_DIGITS_MAX, canonical, fits, parse_decimal

T = TypeVar("T")

_TOO_MANY_INTEGER_DIGITS = (
    "The Usage Quantity exceeds 13 digits before the decimal place, "
    "the maximum digits supported by the system"
)
_TOO_MANY_FRACTION_DIGITS = "The Usage Quantity exceeds 9 digits after the decimal place"
_DESCRIPTION_TOO_LONG = "DESCRIPTION length is longer than the 200 character maximum"
NEGATIVE = "The QTY cannot be less than 0"
_NO_DYNAMIC_CHARGES = (
    "ProductRatePlanChargeNumber cannot be used: there are no dynamic usage charges"
)
_ENDS_BEFORE_START = "The Usage STARTDATE cannot be after the ENDDATE"

YEAR_MIN, YEAR_MAX = 1000, 8999
"""Room for every time zone and every billing period before the calendar ends."""

_WHOLE_END = 10**INTEGER_DIGITS_MAX
_REQUIRED = (("Quantity", "QTY"), ("StartDateTime", "STARTDATE"), ("UOM", "UOM"))
_LENGTHS = {
    "AccountId": 32,
    "AccountNumber": 50,
    "SubscriptionId": 32,
    "SubscriptionNumber": 100,
    "ChargeId": 32,
    "ChargeNumber": 50,
    "UOM": 50,
    "Description": 200,
    "UniqueKey": 255,
}


class UsageFields(NamedTuple):
    """The standard fields of a usage record, each of the right form. Instants are UTC."""

    account_id: str | None
    account_number: str | None
    subscription_id: str | None
    subscription_number: str | None
    charge_id: str | None
    charge_number: str | None
    uom: str
    quantity: Decimal
    start_date_time: datetime
    end_date_time: datetime | None
    description: str | None
    unique_key: str | None


def read_usage(
    sent: Mapping[str, object], zone: ZoneInfo, *, negative_allowed: bool
) -> UsageFields:
    """Check a record's fields, named as on the wire. Raises `EarnedError`.

    Date-times without an offset are in `zone`. Blank text counts as absent.
    """
    _refuse(_missing(sent))
    problems: list[Problem] = []
    texts: dict[str, str | None] = dict.fromkeys(_LENGTHS)
    for name, length in _LENGTHS.items():
        value = sent.get(name)
        if value is not None:
            texts[name] = _text(value, name, length, problems)
    if not _blank(sent.get("ProductRatePlanChargeNumber")):
        # Ignored, the record would count on every charge of the account (U 3.3 step 1).
        problems.append(Problem(Kind.INVALID, _NO_DYNAMIC_CHARGES, "ProductRatePlanChargeNumber"))
    quantity = _collect(problems, lambda: _quantity(sent["Quantity"]))
    start = _collect(problems, lambda: _instant(sent["StartDateTime"], "STARTDATE", zone))
    ended = sent.get("EndDateTime")
    end = None if _blank(ended) else _collect(problems, lambda: _instant(ended, "ENDDATE", zone))
    if start and end and end < start:
        problems.append(Problem(Kind.INVALID, _ENDS_BEFORE_START, "EndDateTime"))
    _refuse(problems)
    assert quantity is not None
    assert start is not None
    if quantity < 0 and not negative_allowed:
        raise Invalid(NEGATIVE, field="Quantity")
    return UsageFields(
        account_id=texts["AccountId"],
        account_number=texts["AccountNumber"],
        subscription_id=texts["SubscriptionId"],
        subscription_number=texts["SubscriptionNumber"],
        charge_id=texts["ChargeId"],
        charge_number=texts["ChargeNumber"],
        uom=texts["UOM"] or "",
        quantity=quantity,
        start_date_time=start,
        end_date_time=end,
        description=texts["Description"],
        unique_key=texts["UniqueKey"],
    )


def _missing(sent: Mapping[str, object]) -> list[Problem]:
    problems = [
        Problem(Kind.MISSING, f"The {label} is missing", name)
        for name, label in _REQUIRED
        if _blank(sent.get(name))
    ]
    if _blank(sent.get("AccountId")) and _blank(sent.get("AccountNumber")):
        problems.append(Problem(Kind.MISSING, "The ACCOUNT_ID is missing", "AccountId"))
    return problems


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def _text(value: object, name: str, length: int, problems: list[Problem]) -> str | None:
    if not isinstance(value, str):
        problems.append(Problem(Kind.INVALID, f"'{name}' value is invalid", name))
        return None
    if not value or value.isspace():
        return None
    if len(value) > length:
        too_long = f"'{name}' value should be at most {length} characters"
        text = _DESCRIPTION_TOO_LONG if name == "Description" else too_long
        problems.append(Problem(Kind.INVALID, text, name))
    return value


def _quantity(value: object) -> Decimal:
    """Read a quantity of at most 13 integer and 9 fraction digits (U 1.3)."""
    if type(value) is int and abs(value) < _WHOLE_END:  # By far the most are; `True` is not.
        return Decimal(value)
    quantity = parse_decimal(value, "Quantity")
    integer_fits, fraction_fits = fits(quantity)
    if not integer_fits:
        raise Invalid(_TOO_MANY_INTEGER_DIGITS, field="Quantity")
    if not fraction_fits:
        raise Invalid(_TOO_MANY_FRACTION_DIGITS, field="Quantity")
    return canonical(quantity)


def _instant(value: object, label: str, zone: ZoneInfo) -> datetime:
    instant = parse_instant(value, zone) if isinstance(value, str) else None
    if instant is None or not YEAR_MIN <= instant.year <= YEAR_MAX:
        raise Invalid(f"The {label} format is invalid")
    return instant


def _collect(problems: list[Problem], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except EarnedError as refusal:
        problems += refusal.problems
        return None


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise EarnedError(problems)
