"""Which funds expire: those whose days are over, with units that are nobody's any more (U 2.14)."""

from datetime import date

from earned.domain.breakage import BreakagePolicy
from earned.domain.calendar import DAY
from earned.domain.charge import ChargeTerms
from earned.domain.prepaid import Fund, ValidityPeriodSummary
from earned.domain.rolling import rolls


def expires(
    fund: Fund, through: date, charge: ChargeTerms, following: ValidityPeriodSummary | None
) -> bool:
    """Say whether what is left of a fund expires when all days up to `through` are over.

    Not where the charge says that breakage is never earned by itself, nor where the units may yet
    be rolled over, into the validity period `following` its own. A fund that was depleted or
    credited is done.
    """
    if fund.done or not fund.balance or fund.last_day > through:
        return False
    never = fund.breakage_policy is BreakagePolicy.NONE
    return not never and not _may_roll_over(fund, through, charge, following)


def _may_roll_over(
    fund: Fund, through: date, charge: ChargeTerms, following: ValidityPeriodSummary | None
) -> bool:
    """Units roll over a few times, and never out of the last validity period (U 2.12).

    Nor when the one that follows is over as well: then a bill run rolls only that.
    """
    if following is None or following.end_date - DAY <= through:
        return False
    return rolls(fund, charge)
