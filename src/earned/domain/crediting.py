"""How much of a prepayment is credited when it ends early (U 2.11)."""

from datetime import date
from fractions import Fraction

from earned.domain.calendar import Days
from earned.domain.errors import RuleBroken
from earned.domain.exact import subtract
from earned.domain.money import Currency, round_to_minor
from earned.domain.prepaid import Fund

TIME_BASED, CONSUMPTION_BASED, FULL = "TimeBased", "ConsumptionBased", "FullCreditBack"


def credit_minor(
    option: str, fund: Fund, currency: Currency, day: date, period: Days | None = None
) -> int:
    """Return what is credited of a fund that ends on `day`, by the credit option of its charge.

    `TimeBased` credits the days that are left of the validity `period` (the fund's own days, where
    none is given), `ConsumptionBased` the units that are left at their price, `FullCreditBack` all.
    """
    minor = own_price_minor(fund)
    if option == FULL:
        return minor
    if option == CONSUMPTION_BASED:
        price = Fraction(fund.funding_price_minor, currency.factor)
        gone = Fraction(subtract(fund.own_units, fund.balance)) / Fraction(fund.funded_balance)
        return minor - round_to_minor(price * gone, currency)
    price = Fraction(minor, currency.factor)
    days = period or fund.validity
    unused = (days.end - min(max(day, days.start), days.end)).days
    return round_to_minor(price * unused / (days.end - days.start).days, currency)


def own_price_minor(fund: Fund) -> int:
    """Return what a fund costs without what its units took along that have rolled on, or back."""
    return fund.funding_price_minor - fund.rolled_minor


def check_credit(fund: Fund, minor: int) -> None:
    """Refuse to credit a fund twice, or more than its price, or less than nothing."""
    if fund.credited_on is not None:
        raise RuleBroken("The fund has been credited.")
    if not 0 <= minor <= own_price_minor(fund):
        raise RuleBroken("The credit of a fund should be between 0 and its price.")
