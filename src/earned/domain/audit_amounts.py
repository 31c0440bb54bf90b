"""What must be true of usage that funds in currency pay for, recomputed (U 2.8)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from earned.domain.audit import Break, differ, drawn_of
from earned.domain.audit_days import day_of_row
from earned.domain.audit_ledger import DayOf
from earned.domain.calendar import Days
from earned.domain.consumption import DailyConsumption, RatingResult
from earned.domain.exact import FRACTION_DIGITS_MAX, ZERO, add, plain
from earned.domain.money import Currency, round_to_minor
from earned.domain.prepaid import BalanceTransaction
from earned.domain.rating import rate
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import GuidedUsage


class Spent(NamedTuple):
    """Usage of a charge on a day: how much of it counts, what it costs, what is not paid of it."""

    quantity: Decimal = ZERO
    cost_minor: int = 0
    open_minor: Fraction = Fraction(0)

    def plus(self, other: "Spent") -> "Spent":
        """Add more usage."""
        return Spent(
            add(self.quantity, other.quantity),
            self.cost_minor + other.cost_minor,
            self.open_minor + other.open_minor,
        )


def spent(guided: GuidedUsage, ledger: Collection[BalanceTransaction], currency: Currency) -> Spent:
    """Return what a usage that funds in currency pay for adds; deleted ones cost nothing."""
    cost = 0 if guided.deleted else guided.amount_minor or 0
    left = cost - Fraction(drawn_of(ledger)) * currency.factor
    return Spent(ZERO if guided.deleted else guided.quantity, cost, left)


def check_paid(
    guided: GuidedUsage, ledger: Collection[BalanceTransaction], currency: Currency
) -> Iterator[Break]:
    """What is not covered of a usage is the share of its amount that funds have not paid."""
    amount = guided.amount_minor or 0
    drawn = Fraction(drawn_of(ledger)) * currency.factor
    share = Fraction(guided.quantity) * (amount - drawn) / amount if amount else Fraction(0)
    found = Fraction(guided.remaining_quantity)
    if not guided.deleted and abs(share - found) >= Fraction(1, 10**FRACTION_DIGITS_MAX):
        check = "usage is covered as far as funds in currency paid"
        expected = f"{plain(guided.quantity)}, {drawn} of {amount} minor paid"
        found_text = plain(guided.remaining_quantity)
        yield Break(check, "GuidedUsage", guided.id, expected, found_text)


def check_open(
    used: Mapping[DayOf, Spent], rows: Iterable[DailyConsumption], charge_id: str
) -> Iterator[Break]:
    """A day's overage is what its usage costs beyond what funds in currency have paid."""
    stored: dict[DayOf, int] = defaultdict(int)
    for row in rows:
        stored[day_of_row(row)] += row.amount_minor
    mine = {key for key in used if key.charge_id == charge_id}
    for key in sorted(mine | stored.keys()):
        yield from differ(
            "overage is what funds in currency have not paid",
            f"{key}: {used.get(key, Spent()).open_minor} minor",
            f"{key}: {stored.get(key, 0)} minor",
            object_type="RatePlanCharge",
            object_id=charge_id,
        )


def check_costs(
    used: Mapping[DayOf, Spent],
    ratings: Iterable[RatingResult],
    charge: RatePlanCharge,
    currency: Currency,
) -> Iterator[Break]:
    """All usage of a service period costs what its charge asks for the total, rounded once."""
    asked: dict[Days, int] = defaultdict(int)
    for rating in ratings:
        period = Days(rating.service_start_date, rating.service_end_date)
        asked[period] += round_to_minor(rate(charge, charge.currency, rating.quantity), currency)
    segment = (charge.original_id, charge.segment)
    for period, expected in sorted(asked.items()):
        found = sum(
            one.cost_minor
            for key, one in used.items()
            if (key.charge_id, key.charge_segment) == segment and key.day in period
        )
        yield from differ(
            "usage that funds in currency pay costs what its charge asks",
            f"{period.start}: {expected} minor",
            f"{period.start}: {found} minor",
            object_type="RatePlanCharge",
            object_id=charge.original_id,
        )
