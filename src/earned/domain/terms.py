"""How long things last: terms of subscriptions, triggers and ends of charges, lengths in months."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from earned.domain.calendar import add_months, months_apart
from earned.domain.charge import ChargeTerms
from earned.domain.errors import Invalid, RuleBroken

MONTHS_OF_YEAR = 12
_DAYS_OF_WEEK = 7
# A term without a bound would ask for funds without a bound.
_YEARS_MAX = 100


class PeriodType(StrEnum):
    """The unit a term is counted in."""

    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"
    YEAR = "Year"


class TriggerEvent(StrEnum):
    """What starts a charge."""

    CONTRACT_EFFECTIVE = "ContractEffective"
    SERVICE_ACTIVATION = "ServiceActivation"
    CUSTOMER_ACCEPTANCE = "CustomerAcceptance"
    SPECIFIC_DATE = "SpecificDate"


# The spellings of the catalog and of orders meet here, without case, blanks and hyphens.
_BILLING_MONTHS = {
    "month": 1,
    "quarter": 3,
    "semiannual": 6,
    "annual": 12,
    "eighteenmonths": 18,
    "twoyears": 24,
    "threeyears": 36,
    "fiveyears": 60,
}


def plain_word(word: str | None) -> str:
    """Return a value of the API without case, blanks, hyphens and underscores, to compare it."""
    return (word or "").lower().translate(str.maketrans("", "", " _-"))


@dataclass(frozen=True, slots=True)
class Length:
    """A number of days, weeks, months or years."""

    count: int
    unit: PeriodType = PeriodType.MONTH

    def after(self, start: date, field: str = "initialTerm") -> date:
        """Return the first day that is not in it any more. Raises `Invalid` beyond 100 years."""
        months, days = self.months, self.days
        limit = MONTHS_OF_YEAR * _YEARS_MAX
        try:
            if days is not None and days <= limit * 31:
                return start + timedelta(days)
            if months is not None and months <= limit:
                return add_months(start, months)
        except (OverflowError, ValueError):
            pass
        raise Invalid(f"'{field}' value is invalid", field=field)

    @property
    def months(self) -> int | None:
        """The number of months, None for days and weeks."""
        if self.unit is PeriodType.YEAR:
            return self.count * MONTHS_OF_YEAR
        return self.count if self.unit is PeriodType.MONTH else None

    @property
    def days(self) -> int | None:
        """The number of days, None for months and years."""
        if self.unit is PeriodType.WEEK:
            return self.count * _DAYS_OF_WEEK
        return self.count if self.unit is PeriodType.DAY else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerDates:
    """The days a contract takes effect, the service is activated and the customer accepts it."""

    contract_effective: date
    service_activation: date
    customer_acceptance: date

    @classmethod
    def of(
        cls,
        contract_effective: date,
        service_activation: date | None = None,
        customer_acceptance: date | None = None,
    ) -> "TriggerDates":
        """Fill in what is not given: each falls on the day of the one before."""
        activation = service_activation or contract_effective
        return cls(
            contract_effective=contract_effective,
            service_activation=activation,
            customer_acceptance=customer_acceptance or activation,
        )

    def start_of(self, event: str | None, specific: date | None) -> date:
        """Return the day a charge with that trigger event starts. Raises `Invalid`."""
        starts = {
            plain_word(TriggerEvent.CONTRACT_EFFECTIVE): self.contract_effective,
            plain_word(TriggerEvent.SERVICE_ACTIVATION): self.service_activation,
            plain_word(TriggerEvent.CUSTOMER_ACCEPTANCE): self.customer_acceptance,
            plain_word(TriggerEvent.SPECIFIC_DATE): specific,
        }
        start = starts.get(plain_word(event or TriggerEvent.CONTRACT_EFFECTIVE))
        if start is None:
            raise Invalid("'triggerDate' value is invalid", field="triggerDate")
        return start


def end_of(
    terms: ChargeTerms, start: date, *, term_end: date | None, specific: date | None
) -> date | None:
    """Return the first day a charge is not effective any more, None for an open end.

    One-time charges take one day. Nothing lasts longer than the subscription's term.
    """
    if term_end is not None and start >= term_end:
        raise RuleBroken(f"The charge '{terms.name}' would start after the end of the term.")
    if terms.charge_type == "OneTime":
        return Length(1, PeriodType.DAY).after(start, "triggerDate")
    condition = plain_word(terms.end_date_condition)
    ends = [term_end]
    if condition == "fixedperiod":
        ends.append(_fixed_end(terms, start))
    elif condition == "specificenddate":
        ends.append(specific)
    end = min((end for end in ends if end is not None), default=None)
    if end is not None and end <= start:
        raise RuleBroken(f"The charge '{terms.name}' would end before it starts.")
    return end


def goes_on(terms: ChargeTerms) -> bool:
    """Say whether a charge lasts as long as its subscription does, however long that becomes."""
    condition = plain_word(terms.end_date_condition)
    return terms.charge_type != "OneTime" and condition not in {"fixedperiod", "specificenddate"}


def _fixed_end(terms: ChargeTerms, start: date) -> date:
    if not terms.up_to_periods or terms.up_to_periods < 0:
        raise Invalid("'upToPeriods' value is invalid", field="upToPeriods")
    unit = plain_word(terms.up_to_periods_type or "BillingPeriods").removesuffix("s")
    if unit == "billingperiod":
        return Length(terms.up_to_periods * (billing_months(terms) or 1)).after(
            start, "upToPeriods"
        )
    for known in PeriodType:
        if plain_word(known) == unit:
            return Length(terms.up_to_periods, known).after(start, "upToPeriods")
    raise Invalid("'upToPeriodsType' value is invalid", field="upToPeriodsType")


def billing_months(terms: ChargeTerms) -> int | None:
    """Return the months of a billing period, None where it is the subscription's term.

    Raises `RuleBroken` for billing periods of weeks or days.
    """
    period = plain_word(terms.billing_period or "Month")
    if period == "subscriptionterm":
        return None
    if period == "specificmonths" and terms.specific_billing_period:
        return terms.specific_billing_period
    if period not in _BILLING_MONTHS:
        raise RuleBroken(f"The billing period of the charge '{terms.name}' must be in months.")
    return _BILLING_MONTHS[period]


def billing_length(terms: ChargeTerms) -> Length | None:
    """Return how long a billing period is, None where it is the subscription's term."""
    unit = {
        "week": PeriodType.WEEK,
        "specificweeks": PeriodType.WEEK,
        "specificdays": PeriodType.DAY,
    }.get(plain_word(terms.billing_period))
    if unit:
        return Length(terms.specific_billing_period or 1, unit)
    months = billing_months(terms)
    return None if months is None else Length(months)


def months_between(start: date, end: date) -> int | None:
    """Return how many whole months lead from `start` to `end`, None if a whole number does not."""
    months = months_apart(start, end)
    return months if add_months(start, months) == end else None
