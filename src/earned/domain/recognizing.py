"""What a recognition rule makes of something that is billed: a term, and amounts in periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from earned.domain.calendar import DAY, Days, add_months
from earned.domain.money import Currency
from earned.domain.recognition import (
    Amounts,
    Method,
    Rounding,
    Spread,
    carried,
    on_day,
    targets,
)
from earned.domain.recognition_rule import (
    DateField,
    LengthUnit,
    RecognitionRule,
    RuleModel,
    TransactionDate,
)
from earned.domain.schedule import RevenueSchedule
from earned.domain.slots import Slot

_MONTHS_OF_A_YEAR = 12
_LAST_DAY = date.max - DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledItem:
    """The dates of an invoice item, memo item or adjustment that a term is counted from.

    The service period of a recurring charge is that of the item, of a one-time charge the one day
    of the charge, of usage the period in which it was used; a discount or adjustment has that of
    the item it acts on (R 3.1). Dates of a subscription are None where there is none.
    """

    transaction_date: date
    service: Days
    contract_effective_date: date | None = None
    service_activation_date: date | None = None
    customer_acceptance_date: date | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """How the amount of a new schedule lies, by period id, and what to remember of it."""

    amounts_minor: Amounts
    spread: Spread | None

    @property
    def remembered(self) -> dict[str, Any]:
        """The fields of the new schedule that remember the spread, for periods to come (F10)."""
        return remembered(self.spread)


def opening(
    rule: RecognitionRule,
    item: BilledItem,
    amount_minor: int,
    currency: Currency,
    slots: Sequence[Slot],
) -> Opening:
    """Return how a new schedule of a billed item starts, by its rule.

    The `slots` are those of all accounting periods, the same for every item of a document. With a
    rule that recognises nothing on its own, all of it is in Open-Ended (R 3.2 F6).
    """
    spread = spread_of(rule, item)
    if spread is None:
        rest = slots[-1].period_id
        assert rest is not None, "Open-Ended is a period"
        return Opening({rest: amount_minor}, None)
    spread = spread.in_currency(currency)
    return Opening(carried(targets(amount_minor, spread, slots), slots, {}), spread)


def spread_of(rule: RecognitionRule, item: BilledItem) -> Spread | None:
    """Return how a rule spreads an item, None where people or usage decide.

    Recognition upon invoicing happens on the day of the transaction, all other on days of a term.
    """
    if rule.model is RuleModel.UPON_INVOICING:
        return on_day(item.transaction_date)
    if rule.start_field is None:
        return None
    only_after = rule.transaction_date is TransactionDate.NOT_BEFORE
    start, end = _term(rule, item)
    return Spread(
        start=start,
        end=end,
        method=rule.distribution_type or Method.DAILY,
        rounding=rule.rounding or Rounding.TRAILING,
        not_before=item.transaction_date if only_after else None,
    )


def remembered(spread: Spread | None) -> dict[str, Any]:
    """Return the fields of a schedule that remember how it was last spread by a formula."""
    return {
        "recognition_start": spread and spread.start,
        "recognition_end": spread and spread.end,
        "distribution_type": spread and spread.method,
        "recognition_rounding": spread and spread.rounding,
        "recognition_not_before": spread and spread.not_before,
    }


def spread_of_schedule(schedule: RevenueSchedule) -> Spread | None:
    """Return how a schedule was last spread by a formula, None where nothing is remembered."""
    if schedule.recognition_start is None or schedule.recognition_end is None:
        return None
    return Spread(
        start=schedule.recognition_start,
        end=schedule.recognition_end,
        method=schedule.distribution_type or Method.DAILY,
        rounding=schedule.recognition_rounding or Rounding.TRAILING,
        not_before=schedule.recognition_not_before,
    )


def _term(rule: RecognitionRule, item: BilledItem) -> tuple[date, date]:
    """Return the first and last day of recognition; a rule for a date has no end of its own.

    The end is so long after the last day of service, or after recognition began, which makes it the
    length of the term: three months from January 15 end on April 14. A term has at least one day.
    """
    assert rule.start_field is not None
    start = _after(_day(item, rule.start_field), rule.start_after, rule.start_unit)
    if rule.end_field is None:
        return start, start
    anchor = start if rule.end_field is DateField.RECOGNITION_START else item.service.end
    end = _after(anchor, rule.end_after, rule.end_unit) - DAY
    return start, max(start, end)


def _day(item: BilledItem, name: DateField) -> date:
    """Return a date of an item; the day of the transaction where its subscription's is unknown."""
    days = {
        DateField.SERVICE_PERIOD_START: item.service.start,
        DateField.SERVICE_PERIOD_END: item.service.end - DAY,
        DateField.CONTRACT_EFFECTIVE_DATE: item.contract_effective_date,
        DateField.SERVICE_ACTIVATION_DATE: item.service_activation_date,
        DateField.CUSTOMER_ACCEPTANCE_DATE: item.customer_acceptance_date,
    }
    return days.get(name) or item.transaction_date


def _after(day: date, count: int | None, unit: LengthUnit | None) -> date:
    """Return the day so many units later, no later than the calendar goes."""
    try:
        if unit is LengthUnit.YEARS:
            later = add_months(day, (count or 0) * _MONTHS_OF_A_YEAR)
        elif unit is LengthUnit.MONTHS:
            later = add_months(day, count or 0)
        else:
            later = day + timedelta(count or 0)
    except (OverflowError, ValueError):
        return _LAST_DAY
    return min(later, _LAST_DAY)
