"""Breakage: what becomes of prepaid units that nobody uses (U 4.3, R 10.2).

A prepayment is a contract liability until its units are used (ASC 606-10-55-46, IFRS 15 B44), and
customers may never use some of them (55-47, B45). When that becomes revenue depends on what the
seller expects (55-48, B46), so it is decided for each prepayment charge:

* `AtExpiry`, where no breakage is expected: when use becomes remote, which is when units expire.
* `Proportional`, where the seller expects to be entitled to it, and that estimate passes the
  constraint on variable consideration (606-10-32-11 to 13, IFRS 15 56 to 58): in proportion to the
  units that are used.
* `None`, where what is unused is not the seller's to earn by itself: it may have to be paid back or
  handed over to others (55-49, B47). It stays a liability until somebody depletes the fund.
"""

from decimal import Decimal
from enum import StrEnum

from earned.domain.exact import ONE, ZERO, multiply, subtract


class BreakagePolicy(StrEnum):
    """When units that nobody uses become revenue."""

    AT_EXPIRY = "AtExpiry"
    PROPORTIONAL = "Proportional"
    NONE = "None"


def expected_use(funded: Decimal, expected_breakage_rate: Decimal | None) -> Decimal:
    """Return how many of the funded units are expected to be used: all, where no rate is given.

    They earn the whole price, each a little more than its share of it; units beyond earn nothing.
    """
    return multiply(funded, subtract(ONE, expected_breakage_rate or ZERO))
