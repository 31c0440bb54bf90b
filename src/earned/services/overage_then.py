"""What no fund covered at a past moment, rated again: rating results are kept only as they are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from earned.domain.accrual import DayRow
from earned.domain.as_of import Known
from earned.domain.billing_periods import fee_of_period
from earned.domain.calendar import DAY, Days
from earned.domain.consumption import RatingResult
from earned.domain.exact import ZERO, add, subtract
from earned.domain.individual import IndividualAccrual, Uncovered
from earned.domain.money import Currency, round_to_minor
from earned.domain.overage import units_of, usage_of
from earned.domain.rated import minor_of
from earned.domain.rating import rate
from earned.domain.service_period import service_period
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage_to_revenue import Earned, to_decimal, total
from earned.services.facts import Facts
from earned.services.open_series import charge_key, measure_of, rating_id, record_price
from earned.services.ports import Books

Charges = Mapping["ChargeKey", RatePlanCharge]
Overage = Mapping["ChargeKey", "Rest"]
Earnings = dict[str, Earned]
ByDay = Mapping[date, Decimal]
Alone = Mapping[str, Sequence[Uncovered]]
"""What no fund covered of records that are priced one by one, by the rating result."""


class ChargeKey(NamedTuple):
    """A segment of a usage charge, by the original id of the charge."""

    charge_id: str
    segment: int


@dataclass(slots=True)
class Rest:
    """What no fund covered of usage on a charge segment, in so many rating results.

    `units` are prepaid units, `measured` the usage that they are, rounded to its unit.
    """

    units: Decimal = ZERO
    measured: Decimal = ZERO
    results: int = 0

    def count_in(self, units: Decimal, measured: Decimal) -> None:
        """Add a rating result."""
        self.units = add(self.units, units)
        self.measured = add(self.measured, measured)
        self.results += 1


def overage_then(
    books: Books,
    facts: Facts,
    charges: Charges,
    ratings: Sequence[RatingResult],
    earned: Earnings,
    through: date | None,
) -> Overage:
    """Rate again what no fund covered, period by period; return the overage of charges."""
    by_day, paid = _by_day(facts, charges)
    alone = _alone(facts, charges, ratings)
    rated: dict[str, dict[date, Decimal]] = defaultdict(dict)
    keys: dict[str, ChargeKey] = {}
    overage: dict[ChargeKey, Rest] = defaultdict(Rest)
    for (key, day, group), units in by_day.items():
        if key in charges and units:
            charge = charges[key]
            identity = rating_id(charge, service_period(charge, day), group)
            keys[identity], rated[identity][day] = key, units
    for identity, days in rated.items():
        one, charge = earned[identity], charges[keys[identity]]
        if identity in alone:
            used = {day: usage_of(units, charge.rate) for day, units in days.items()}
            one.drawn = total(used.values())
            _earn_alone(books, one, charge, used, alone[identity], through)
        else:
            one.drawn = _measured(books, charge, days)
            _earn(books, one, charge, days, paid[identity], through)
        overage[keys[identity]].count_in(total(days.values()), one.drawn)
    return overage


def fees_then(
    books: Books,
    known: Known,
    charges: Charges,
    ratings: Sequence[RatingResult],
    earned: Earnings,
    through: date | None,
) -> None:
    """Count the fees of service periods that had been rated by then, and had no usage."""
    for rating in ratings:
        charge = charges.get(ChargeKey(rating.charge_id, rating.charge_segment))
        one = earned[rating.id]
        is_then = known.at is not None and rating.created_at <= known.at
        if charge is None or not is_then or one.drawn:
            continue
        fee = fee_of_period(charge, Days(rating.service_start_date, rating.service_end_date))
        one.days_minor = one.events_minor = round_to_minor(fee, books.currency(charge.currency))
        is_open = through is not None and rating.service_end_date - DAY <= through
        one.waiting_minor = 0 if is_open else one.days_minor


def draws_money(charges: Charges, key: ChargeKey) -> bool:
    """Say whether a charge's usage is rated first, all of it, and paid from funds then (U 2.8)."""
    return key in charges and charges[key].is_of_currency


def _earn(
    books: Books,
    one: Earned,
    charge: RatePlanCharge,
    days: ByDay,
    paid: ByDay,
    through: date | None,
) -> None:
    worth, currency = partial(_rated_minor, books, charge), Currency.of(charge.currency)
    by_funds = minor_of(total(paid.values()), currency)
    one.days_minor = one.events_minor = worth(days) - by_funds
    until, paid_until = _until(days, through), _until(paid, through)
    open_then = worth(until) - minor_of(total(paid_until.values()), currency)
    one.waiting_minor = one.days_minor - open_then


def _earn_alone(
    books: Books,
    one: Earned,
    charge: RatePlanCharge,
    days: ByDay,
    records: Sequence[Uncovered],
    through: date | None,
) -> None:
    price, at = record_price(books, charge, service_period(charge, min(days))), books.now
    rows = [(charge_key(charge, day), DayRow(days[day], 0, at, at)) for day in sorted(days)]
    pieces = IndividualAccrual(price, rows, records).pieces()
    one.days_minor = one.events_minor = sum(minor for _, minor in pieces)
    one.waiting_minor = sum(
        minor for piece, minor in pieces if through is None or piece.key.day > through
    )


def _alone(facts: Facts, charges: Charges, ratings: Sequence[RatingResult]) -> Alone:
    found: dict[str, list[Uncovered]] = {one.id: [] for one in ratings if one.is_individual}
    ids = {one.charge_id for one in ratings if one.is_individual}
    for row in facts.uncovered(sorted(ids)) if ids else ():
        charge = charges.get(ChargeKey(row.charge_id, row.charge_segment))
        if charge is None:
            continue
        identity = rating_id(charge, service_period(charge, row.day), row.group)
        if identity in found and (quantity := to_decimal(row.units)):
            found[identity].append(Uncovered(row.day, row.record, quantity))
    return found


def _by_day(
    facts: Facts, charges: Charges
) -> tuple[
    Mapping[tuple[ChargeKey, date, str | None], Decimal], Mapping[str, Mapping[date, Decimal]]
]:
    """Return the units of usage that is rated, and the money that funds paid by rating result."""
    by_day: dict[tuple[ChargeKey, date, str | None], Decimal] = defaultdict(lambda: ZERO)
    for used in facts.guided(by_day=True):
        assert used.day is not None
        key = ChargeKey(used.charge_id, used.charge_segment)
        place = key, used.day, used.group
        if key in charges:
            by_day[place] = add(by_day[place], units_of(used.guided, charges[key].rate))
    paid: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for drawn in facts.drawn(by_day=True):
        assert drawn.day is not None
        key = ChargeKey(drawn.charge_id, drawn.charge_segment)
        if not draws_money(charges, key):
            place = key, drawn.day, drawn.group
            by_day[place] = subtract(by_day[place], drawn.units)
            continue
        identity = rating_id(charges[key], service_period(charges[key], drawn.day), drawn.group)
        mine = paid[identity]
        mine[drawn.day] = add(mine.get(drawn.day, ZERO), drawn.units)
    return by_day, paid


def _until(days: ByDay, through: date | None) -> ByDay:
    return {day: units for day, units in days.items() if through is not None and day <= through}


def _measured(books: Books, charge: RatePlanCharge, days: ByDay) -> Decimal:
    """Return the usage of some days, rounded to its unit after it is added up."""
    units = total(days.values())
    return units if charge.is_of_currency else measure_of(books, charge)(units)


def _rated_minor(books: Books, charge: RatePlanCharge, days: ByDay) -> int:
    if not days:
        return 0
    price = rate(charge, charge.currency, _measured(books, charge, days))
    return round_to_minor(price, books.currency(charge.currency))
