"""Which funds expire: those whose days are over, with units that are nobody's any more (U 2.14)."""

from datetime import date

from earned.domain.breakage import BreakagePolicy
from earned.domain.charge import ChargeTerms
from earned.domain.prepaid import Fund, PrepaidBalance


def expires(fund: Fund, through: date, charge: ChargeTerms, balance: PrepaidBalance) -> bool:
    """Say whether what is left of a fund expires when all days up to `through` are over.

    Not where the charge says that breakage is never earned by itself, nor where the units may yet
    be rolled over. A fund that was depleted or credited is done.
    """
    if fund.done or not fund.balance or fund.last_day > through:
        return False
    never = fund.breakage_policy is BreakagePolicy.NONE
    return not never and not _may_roll_over(fund, charge, balance)


def _may_roll_over(fund: Fund, charge: ChargeTerms, balance: PrepaidBalance) -> bool:
    """Units roll over a few times, and never out of the last validity period (U 2.12)."""
    times = charge.rollover_periods or 0
    is_last = fund.end_date >= balance.end_date
    return charge.is_rollover and fund.rollover_count < times and not is_last
