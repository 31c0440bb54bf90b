"""What must always be true of daily consumption and revenue events, recomputed from the ledger."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from earned.domain.audit import Break, differ, rounded
from earned.domain.audit_ledger import DayOf, total
from earned.domain.catalog import UnitOfMeasure
from earned.domain.consumption import (
    DailyConsumption,
    Ending,
    EventType,
    RatingResult,
    RevenueEvent,
)
from earned.domain.exact import EXACT, ZERO, add, plain, subtract
from earned.domain.individual import RecordPrice, Uncovered
from earned.domain.money import Currency, round_to_minor
from earned.domain.prepaid import Fund
from earned.domain.rating import rate
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import GuidedUsage

_CREDIT = Ending.CREDIT.value
_ENDINGS = {EventType.FUND_EXPIRY: Ending.EXPIRY.value, EventType.FUND_CREDIT: _CREDIT}


def check_days(
    fund: Fund,
    currency: Currency,
    ledger: Mapping[DayOf, Decimal],
    rows: Iterable[DailyConsumption],
) -> Iterator[Break]:
    """Daily rows of a fund say what its ledger says, and add up to `round(FP x consumed / FQ)`.

    So does every run of them from the first on, which makes each row's amount one number only.
    Units that expired or were credited back are consumed too; the row of a credit earns less by
    what was credited.
    """
    stored = {day_of_row(row): row for row in rows}
    missing = DailyRow(ZERO, None)
    expected = _priced(fund, currency, ledger)
    for key in sorted(expected.keys() | stored.keys()):
        row = stored.get(key)
        wanted = expected.get(key, missing)
        found = DailyRow(row.quantity, row.amount_minor) if row else missing
        yield from differ(
            "daily consumption follows the ledger",
            f"{key}: {wanted}",
            f"{key}: {found}",
            object_type="DailyConsumption" if row else "Fund",
            object_id=row.id if row else fund.id,
        )
    amounts = sum(row.amount_minor for row in stored.values())
    worth = _consumption_minor(fund, currency, total(ledger.values())) - fund.credited_minor
    check = "daily consumption adds up to the fund's consumption amount"
    yield from differ(check, worth, amounts, object_type="Fund", object_id=fund.id)


def check_rolled(
    fund: Fund, currency: Currency, ledger: Mapping[date, Decimal], events: Iterable[RevenueEvent]
) -> Iterator[Break]:
    """Units that rolled on have an event without an amount, and cost what is never earned of them.

    What stays a fund's own is worth its price less what rolled out of it.
    """
    told = {
        event.transaction_date: DailyRow(event.quantity, event.amount_minor)
        for event in events
        if event.event_type is EventType.FUND_ROLLOVER
    }
    for day in sorted(ledger.keys() | told.keys()):
        expected = DailyRow(ledger[day], None) if day in ledger else "no event"
        yield from differ(
            "rollover has an event without an amount",
            f"{day}: {expected}",
            f"{day}: {told.get(day, 'no event')}",
            object_type="Fund",
            object_id=fund.id,
        )
    own = _consumption_minor(fund, currency, fund.own_units)
    check = "price that rolled over is what the fund never earns"
    rolled = fund.funding_price_minor - own
    yield from differ(check, rolled, fund.rolled_minor, object_type="Fund", object_id=fund.id)


class DailyRow(NamedTuple):
    """A day's quantity and amount; None where there is no row."""

    quantity: Decimal
    amount_minor: int | None

    def __str__(self) -> str:
        """Write it for people."""
        if self.amount_minor is None:
            return f"{plain(self.quantity)} units, no amount" if self.quantity else "no row"
        return f"{plain(self.quantity)} units, {self.amount_minor} minor"


def _priced(
    fund: Fund, currency: Currency, ledger: Mapping[DayOf, Decimal]
) -> dict[DayOf, DailyRow]:
    """Return the daily rows that follow from a fund's ledger."""
    rows = {}
    consumed, priced = ZERO, 0
    for key in sorted(ledger):
        consumed = add(consumed, ledger[key])
        before, priced = priced, _consumption_minor(fund, currency, consumed)
        is_credit = key.ending == _CREDIT and key.day == fund.credited_on
        credited = fund.credited_minor if is_credit else 0
        rows[key] = DailyRow(ledger[key], priced - before - credited)
    return rows


def _consumption_minor(fund: Fund, currency: Currency, consumed: Decimal) -> int:
    """Return what consumed units of a fund are worth: the fund's price when it is used up.

    It is used up already when as much is consumed as is expected ever to be (ASC 606-10-55-48).
    """
    if not consumed or not fund.funded_balance:
        return 0
    enough = Fraction(fund.funded_balance) * (1 - Fraction(fund.expected_breakage_rate or ZERO))
    price = Fraction(fund.funding_price_minor, currency.factor)
    return round_to_minor(price * min(Fraction(1), Fraction(consumed) / enough), currency)


def check_events(
    rows: Collection[DailyConsumption], events: Iterable[RevenueEvent]
) -> Iterator[Break]:
    """Each daily row has one revenue event of its quantity and amount, and no event has none.

    Only rollovers have no daily row.
    """
    told = {
        _day_of_event(event): event
        for event in events
        if event.event_type is not EventType.FUND_ROLLOVER and not event.deleted
    }
    check = "revenue event equals its daily consumption"
    for row in rows:
        key = day_of_row(row)
        event = told.pop(key, None)
        found = DailyRow(event.quantity, event.amount_minor) if event else "no event"
        yield from differ(
            check,
            f"{key}: {DailyRow(row.quantity, row.amount_minor)}",
            f"{key}: {found}",
            object_type="RevenueEvent" if event else "DailyConsumption",
            object_id=event.id if event else row.id,
        )
    for key, event in told.items():
        yield Break(check, "RevenueEvent", event.id, f"{key}: no event", f"{key}: an event")


def check_rating(rating: RatingResult, rows: Collection[DailyConsumption]) -> Iterator[Break]:
    """A rating result is the sum of its daily rows."""
    quantity = total(row.quantity for row in rows)
    amount = sum(row.amount_minor for row in rows)
    told = partial(differ, object_type="RatingResult", object_id=rating.id)
    yield from told("rating result counts the units of its days", quantity, rating.quantity)
    yield from told("rating result adds up its days", amount, rating.amount_minor)


def check_rated(
    rating: RatingResult,
    charge: RatePlanCharge | None,
    units: Mapping[str, UnitOfMeasure],
    currency: Currency,
    rows: Iterable[DailyConsumption],
    fee: Fraction = Fraction(0),
) -> Iterator[Break]:
    """Daily rows of a rating result cost what its charge asks for the service period to date.

    So many units that no fund had are so much usage, rounded to its unit after they are added up.
    `rows` come in the order of their days. A `fee` is what no usage costs.
    """
    if charge is None:
        check = "overage costs what its charge asks"
        yield Break(check, "RatingResult", rating.id, "a charge", "none of that segment")
        return
    unit = units[charge.uom or ""]
    counted, used, rated = Fraction(0), Fraction(0), 0
    for row in rows:
        told = partial(differ, object_type="DailyConsumption", object_id=row.id)
        counted += Fraction(row.units or ZERO) / Fraction(charge.rate)
        before, used = used, rounded(counted, unit)
        found = Fraction(row.quantity)
        yield from told("overage is measured in the unit of usage", used - before, found)
        price = _price(charge, used) if used > 0 else fee
        earlier, rated = rated, round_to_minor(price, currency)
        check = "overage costs what its charge asks"
        yield from told(check, f"{rated - earlier} minor", f"{row.amount_minor} minor")


def _price(charge: RatePlanCharge, used: Fraction) -> Fraction:
    """Return what usage costs that has no more decimals than its unit."""
    quantity = EXACT.divide(Decimal(used.numerator), Decimal(used.denominator))
    return rate(charge, charge.currency, quantity)


def check_rated_individually(
    rating: RatingResult,
    price: RecordPrice,
    rows: Iterable[DailyConsumption],
    records: Iterable[Uncovered],
) -> Iterator[Break]:
    """Daily rows of a rating group are what its records come to, each rounded by itself.

    Record by record in the order of days, what was taken back on a day after its records.
    """
    by_day: dict[date, list[Uncovered]] = defaultdict(list)
    for one in sorted(records):
        by_day[one.day].append(one)
    before: Decimal | None = None
    for row in rows:
        mine, minor = [one.quantity for one in by_day[row.transaction_date]], 0
        rest = subtract(row.quantity, total(mine))
        for quantity in [*mine, rest]:
            after = add(before or ZERO, quantity)
            minor += price.minor(before, after, rating.quantity)
            before = after
        yield from differ(
            "overage costs what its charge asks",
            f"{minor} minor",
            f"{row.amount_minor} minor",
            object_type="DailyConsumption",
            object_id=row.id,
        )


def check_overage(
    used: Mapping[DayOf, Decimal], rows: Iterable[DailyConsumption]
) -> Iterator[Break]:
    """The daily rows of a usage charge count the units that no fund had, in all its groups."""
    stored: dict[DayOf, list[DailyConsumption]] = defaultdict(list)
    for row in rows:
        stored[day_of_row(row)].append(row)
    for key in sorted(used.keys() | stored.keys()):
        mine = stored.get(key, [])
        found = total(row.quantity if row.units is None else row.units for row in mine)
        yield from differ(
            "overage counts the usage that no fund covered",
            f"{key}: {plain(used.get(key, ZERO))} units",
            f"{key}: {plain(found)} units",
            object_type="DailyConsumption" if mine else "RatePlanCharge",
            object_id=mine[0].id if mine else key.charge_id,
        )


def day_of_guided(guided: GuidedUsage) -> DayOf:
    """Return the daily row that guided usage counts in."""
    return DayOf(
        guided.usage_date, "", guided.charge_number, guided.charge_segment, guided.charge_id
    )


def day_of_row(row: DailyConsumption) -> DayOf:
    """Return what a stored daily row is of."""
    return DayOf(
        row.transaction_date,
        row.ending or "",
        row.usage_charge_number or "",
        row.usage_charge_segment or 0,
        row.usage_charge_id or "",
    )


def _day_of_event(event: RevenueEvent) -> DayOf:
    return DayOf(
        event.transaction_date,
        _ENDINGS.get(event.event_type, ""),
        event.usage_charge_number or "",
        event.usage_charge_segment or 0,
        event.usage_charge_id or "",
    )
