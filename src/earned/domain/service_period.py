"""The service period of a usage charge that a day belongs to: what is rated together (U 2.7)."""

from datetime import date, timedelta

from earned.domain.calendar import Days, add_months, months_apart
from earned.domain.subscription import RatePlanCharge

_MONTHS = {
    "month": 1,
    "quarter": 3,
    "semi_annual": 6,
    "annual": 12,
    "eighteen_months": 18,
    "two_years": 24,
    "three_years": 36,
    "five_years": 60,
}
_DAYS_OF_WEEK = 7


def service_period(charge: RatePlanCharge, day: date) -> Days:
    """Return the billing period that contains `day`, counted from the day the charge began.

    A charge without a billing period is rated by month.
    """
    anchor = charge.began_on
    name = (charge.billing_period or "month").lower().replace("-", "_").replace(" ", "_")
    count = charge.specific_billing_period or 1
    if name in {"week", "specific_weeks"}:
        return _by_days(anchor, day, _DAYS_OF_WEEK * count)
    if name == "specific_days":
        return _by_days(anchor, day, count)
    if name == "specific_months":
        return _by_months(anchor, day, count)
    return _by_months(anchor, day, _MONTHS.get(name, 1))


def _by_days(anchor: date, day: date, length: int) -> Days:
    start = anchor + timedelta((day - anchor).days // length * length)
    return Days(start, start + timedelta(length))


def _by_months(anchor: date, day: date, length: int) -> Days:
    count = months_apart(anchor, day) // length * length
    if add_months(anchor, count) > day:
        count -= length
    return Days(add_months(anchor, count), add_months(anchor, count + length))
