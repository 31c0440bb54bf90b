"""The rules by which the company recognises what it bills (R 3.1, R 3.2)."""

from collections.abc import Callable
from datetime import date

from tests.year.formulas import BACK, BY_DAYS, FRONT, Spread

UPON_INVOICING, DAILY_RULE = "Recognize upon invoicing", "Recognize daily over time"
FRONT_RULE, BACK_RULE, DAYS_RULE = "Monthly, front load", "Monthly, back load", "Monthly, by days"
LEADING_RULE, CATCH_UP_RULE = "Daily, leading", "Daily, not before billing"
HALF_UP_RULE = "Daily, half up"
DELIVERY_RULE, MANUAL_RULE = "On delivery", "By hand"

_RULES: dict[str, Callable[[date, date, date], Spread | None]] = {
    UPON_INVOICING: lambda day, _start, _end: Spread(day, day),
    DAILY_RULE: lambda _day, start, end: Spread(start, end),
    FRONT_RULE: lambda _day, start, end: Spread(start, end, FRONT),
    BACK_RULE: lambda _day, start, end: Spread(start, end, BACK),
    DAYS_RULE: lambda _day, start, end: Spread(start, end, BY_DAYS),
    LEADING_RULE: lambda _day, start, end: Spread(start, end, leading=True),
    CATCH_UP_RULE: lambda day, start, end: Spread(start, end, not_before=day),
    HALF_UP_RULE: lambda _day, start, end: Spread(start, end, half_up=True),
    DELIVERY_RULE: lambda _day, _start, end: Spread(end, end),
    MANUAL_RULE: lambda _day, _start, _end: None,
}
RULES = tuple(_RULES)

_DAILY, _MONTHLY = "Daily recognition over time", "Monthly recognition over time"
NEW_RULES: dict[str, dict[str, object]] = {
    FRONT_RULE: {"recognitionModel": _MONTHLY, "distributionType": FRONT},
    BACK_RULE: {"recognitionModel": _MONTHLY, "distributionType": BACK},
    DAYS_RULE: {"recognitionModel": _MONTHLY},
    LEADING_RULE: {"recognitionModel": _DAILY, "rounding": "Leading"},
    CATCH_UP_RULE: {"recognitionModel": _DAILY, "transactionDate": "NotBeforeTransaction"},
    HALF_UP_RULE: {"recognitionModel": _DAILY, "rounding": "HalfUpPerPeriod"},
    DELIVERY_RULE: {
        "recognitionModel": "Full recognition on a specific date",
        "recognitionStart": {"dateField": "ServicePeriodEnd"},
    },
    MANUAL_RULE: {"recognitionModel": "Manual recognition"},
}
"""What a request says of the rules that not every entity has."""


def spread_by(rule: str, day: date, start: date, end: date) -> Spread | None:
    """Return how a rule spreads what is billed on a day for a service; None where people do."""
    return _RULES[rule](day, start, end)
