"""Funds and rating results as they stand in the middle of a group: loaded, locked, in memory.

Running totals are kept between transactions, and used again only if the stored version says that
nobody else has changed them, so that the work per record does not grow with history.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from earned.domain.accrual import Accrual, DayKey, DayRow, Valuation, ending_key, fund_value
from earned.domain.billing_periods import fee_of_period
from earned.domain.calendar import Days
from earned.domain.consumption import DailyConsumption, Ending, RatingResult
from earned.domain.drawdown import burn_order
from earned.domain.exact import ZERO, add, subtract
from earned.domain.identity import derived_id
from earned.domain.individual import IndividualAccrual, RecordPrice, is_rated_individually
from earned.domain.money import round_to_minor
from earned.domain.overage import Measure, usage_of
from earned.domain.prepaid import Fund, FundScope, PrepaidBalance, ValidityPeriodSummary
from earned.domain.rated import RatedAccrual
from earned.domain.rating import rate
from earned.domain.rating_group import is_grouped
from earned.domain.reach import Place, funds_in_reach
from earned.domain.service_period import service_period
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import GuidedUsage
from earned.services.batches import batches
from earned.services.ports import Books

Wanted = tuple[RatePlanCharge, Days, str | None]
"""What is rated together: usage of a charge in a service period, or in one rating group of it."""


@dataclass(slots=True, eq=False)
class OpenFund:
    """A fund with its running balance and daily rows."""

    fund: Fund
    validity_period: "OpenValidityPeriod"
    accrual: Accrual
    balance: Decimal
    expired: Decimal
    transaction_count: int

    @property
    def ending(self) -> Ending | None:
        """How units that come back to the fund leave it again; None where they stay."""
        if self.fund.credited_on is not None:
            return Ending.CREDIT
        return Ending.EXPIRY if self.fund.expired_on is not None else None


@dataclass(slots=True, eq=False)
class OpenValidityPeriod:
    """A validity period with its running balance, and what remained when it was told last."""

    summary: ValidityPeriodSummary
    remaining: Decimal
    told: Decimal


@dataclass(slots=True, eq=False)
class OpenBalance:
    """A locked prepaid balance, its funds in burn order; `has_ended` says that one of them did.

    `is_plain` says that each of its funds pays for any usage of its subscription.
    """

    row: PrepaidBalance
    balance: Decimal
    version: int
    funds: Sequence[OpenFund]
    has_ended: bool
    is_plain: bool
    moved: dict[str, OpenFund] = field(default_factory=dict)

    def move(self, fund: OpenFund, amount: Decimal, transactions: int = 1) -> None:
        """Add `amount` units to one of the funds, and to all that counts its units."""
        self.balance = add(self.balance, amount)
        fund.balance = add(fund.balance, amount)
        fund.validity_period.remaining = add(fund.validity_period.remaining, amount)
        fund.transaction_count += transactions
        self.moved[fund.fund.id] = fund


@dataclass(slots=True, eq=False)
class Pool:
    """The funds that a charge draws from, of whatever balances, in burn order."""

    funds: Sequence[OpenFund]
    balances: Sequence[OpenBalance]

    @property
    def has_ended(self) -> bool:
        """Say whether one of the balances has a fund that did."""
        return any(balance.has_ended for balance in self.balances)


@dataclass(slots=True, eq=False)
class OpenRating:
    """The rating of one usage charge in one service period; `row` is None until it is stored."""

    id: str
    charge: RatePlanCharge
    period: Days
    group_key: str | None
    row: RatingResult | None
    version: int
    accrual: Accrual
    changed: bool = False

    def lacking(self, key: DayKey) -> Decimal:
        """Return the prepaid units that no fund had for usage of a day."""
        row = self.accrual.rows.get(key)
        if row is None:
            return ZERO
        return row.quantity if row.units is None else row.units

    def lack(self, key: DayKey, units: tuple[Decimal, Decimal], at: datetime, record: str) -> None:
        """Have usage of a day lack other prepaid units: it was the first number, it is the second.

        Where records are priced one by one each counts as usage, to nine decimals, and the units
        are counted beside.
        """
        before, after = units
        self.changed = True
        if not isinstance(self.accrual, IndividualAccrual):
            self.accrual.move(key, subtract(after, before), at)
            return
        rate = self.charge.rate
        moved = subtract(usage_of(after, rate), usage_of(before, rate))
        self.accrual.move(key, moved, at, record)
        row = self.accrual.rows[key]
        row.units = add(row.units or ZERO, subtract(after, before))


def open_balances(books: Books, ids: Iterable[str]) -> dict[str, OpenBalance]:
    """Lock prepaid balances and return them with all that hangs on them."""
    wanted = set(ids)
    if not wanted:
        return {}
    versions = books.lock_balance_versions(wanted)
    found = books.take_all(OpenBalance, versions)
    stale = [identity for identity in versions if identity not in found]
    found |= {balance.row.id: balance for balance in _load_balances(books, stale)}
    return found


def pool(balances: Sequence[OpenBalance], place: Callable[[], Place]) -> OpenBalance | Pool | None:
    """Return what a charge draws from: most often the one balance of its subscription."""
    if not balances:
        return None
    if len(balances) == 1 and balances[0].is_plain:
        return balances[0]
    by_id = {fund.fund.id: fund for balance in balances for fund in balance.funds}
    reached = funds_in_reach(place(), (fund.fund for fund in by_id.values()))
    return Pool([by_id[fund.id] for fund in reached], balances)


def _load_balances(books: Books, ids: Sequence[str]) -> Iterable[OpenBalance]:
    if not ids:
        return
    periods = {
        summary.id: OpenValidityPeriod(
            summary, summary.remaining_balance, summary.remaining_balance
        )
        for summary in books.validity_periods.list(prepaid_balance_id=ids)
    }
    funds = sorted(books.funds.list(prepaid_balance_id=ids), key=burn_order)
    days = _rows_by(books, "fund_id", [fund.id for fund in funds])
    opened = [
        OpenFund(
            fund=fund,
            validity_period=periods[fund.validity_period_summary_id],
            accrual=fund_accrual(books, fund, days.get(fund.id, ())),
            balance=fund.balance,
            expired=fund.expired,
            transaction_count=fund.transaction_count,
        )
        for fund in funds
    ]
    for row in books.balances.list(id=ids, order_by=("id",)):
        mine = [fund for fund in opened if fund.fund.prepaid_balance_id == row.id]
        has_ended = any(fund.ending for fund in mine)
        is_plain = all(fund.fund.scope is FundScope.SUBSCRIPTION for fund in mine)
        yield OpenBalance(row, row.balance, row.version, mine, has_ended, is_plain)


def fund_accrual(books: Books, fund: Fund, rows: Iterable[tuple[DayKey, DayRow]] = ()) -> Accrual:
    """Return the accrual of a fund: units valued at `FP / FQ`, rounded cumulatively.

    Units that were credited back are worth less by what was credited, so that all rows add up to
    what is left of the price (U 2.11).
    """
    value = fund_valuation(books, fund)
    if fund.credited_on is None:
        return Accrual(value, rows)
    return Accrual(value, rows, {ending_key(Ending.CREDIT, fund.credited_on): fund.credited_minor})


def fund_valuation(books: Books, fund: Fund) -> Valuation:
    """Return what units of a fund are worth, by its price and breakage policy."""
    currency, rate = books.currency(fund.currency), fund.expected_breakage_rate
    return fund_value(fund.funding_price_minor, fund.funded_balance, currency, rate)


def rating_id(charge: RatePlanCharge, period: Days, group: str | None = None) -> str:
    """Return the id of the rating result of a charge segment in a service period, or in a group."""
    named = () if group is None else (group,)
    return derived_id("rating", charge.original_id, charge.segment, period.start, *named)


def rating_of(charge: RatePlanCharge, guided: GuidedUsage) -> str:
    """Return the id of the rating result that guided usage counts in."""
    return rating_id(charge, service_period(charge, guided.usage_date), guided.group_key)


def open_ratings(
    books: Books, wanted: Iterable[Wanted], *, claim: bool = False, anew: bool = False
) -> dict[str, OpenRating]:
    """Lock the rating results there are; return one for each charge, service period and group.

    With `claim`, those are locked too that are not there yet: where no balance is, which whoever
    might store them has locked. What is kept of them is of the charge as it was; `anew`, nothing of
    that is taken.
    """
    by_id = {rating_id(*one): one for one in wanted}
    if not by_id:
        return {}
    versions = lock_ratings(books, by_id) if claim else books.lock_rating_versions(by_id)
    found = {} if anew else books.take_all(OpenRating, versions)
    stale = [identity for identity in versions if identity not in found]
    stored = {row.id: row for row in books.rating_results.list(id=stale)} if stale else {}
    days = rows_of_ratings(books, stale)
    for identity in by_id.keys() - found.keys():
        charge, period, group = by_id[identity]
        known = stored.get(identity)
        is_individual = known.is_individual if known else rates_individually(books, charge)
        accrue = individual_accrual if is_individual else _whole_accrual
        accrual = accrue(books, by_id[identity], days.get(identity, ()))
        version = known.version if known else 0
        found[identity] = OpenRating(identity, charge, period, group, known, version, accrual)
    return found


def lock_ratings(books: Books, by_id: Mapping[str, Wanted]) -> Mapping[str, int]:
    """Lock ratings, those too that are not there yet; return the versions of those that are.

    Not those of usage that is rated in groups: which there will be, its records say.
    """
    versions = _lock_ratings(books, by_id)
    if not books.is_shared:
        return versions
    absent = [one for one in by_id if one not in versions and not is_grouped(by_id[one][0])]
    if absent:
        books.claim_ratings(absent)
        versions |= _lock_ratings(books, absent)
    return versions


def _lock_ratings(books: Books, ids: Iterable[str]) -> dict[str, int]:
    versions: dict[str, int] = {}
    for some in batches(sorted(ids)):
        versions |= books.lock_rating_versions(some)
    return versions


def rates_individually(books: Books, charge: RatePlanCharge) -> bool:
    """Say whether usage of a charge is rounded and priced record by record from now on (U 2.20).

    A service period that has usage goes on as it began.
    """
    return books.settings.rate_usage_individually and is_rated_individually(charge)


def individual_accrual(
    books: Books, wanted: Wanted, rows: Iterable[tuple[DayKey, DayRow]]
) -> IndividualAccrual:
    """Return the accrual of a rating group whose records are priced one by one."""
    charge, period, group = wanted
    price, known = record_price(books, charge, period), [(key, _as_used(row)) for key, row in rows]
    own, segment = charge.original_id, charge.segment
    records = books.uncovered_usage(own, segment, period, group) if known else ()
    return IndividualAccrual(price, known, records)


def _as_used(row: DayRow) -> DayRow:
    """Return a row that counts usage, and the prepaid units of it beside."""
    return replace(row, quantity=row.told, units=row.quantity, measured=None)


def _whole_accrual(books: Books, wanted: Wanted, rows: Iterable[tuple[DayKey, DayRow]]) -> Accrual:
    return rating_accrual(books, wanted[0], wanted[1], rows)


def record_price(books: Books, charge: RatePlanCharge, period: Days) -> RecordPrice:
    """Return what a charge asks in a service period for one record after another."""
    return RecordPrice(charge, books.currency(charge.currency), fee_of_period(charge, period))


def rating_accrual(
    books: Books,
    charge: RatePlanCharge,
    period: Days,
    rows: Iterable[tuple[DayKey, DayRow]] = (),
) -> Accrual:
    """Return the accrual of a charge in a service period: the period to date, rated and rounded.

    It counts the prepaid units that no fund had, and rates the usage that they are; where funds
    hold money, all usage.
    """
    currency, fee = books.currency(charge.currency), fee_of_period(charge, period)

    def value(quantity: Decimal) -> int:
        price = rate(charge, charge.currency, quantity) if quantity > 0 else fee
        return round_to_minor(price, currency)

    if charge.is_of_currency:
        return RatedAccrual(value, rows)
    measure = measure_of(books, charge)
    return Accrual(lambda units: value(measure(units)), rows, measure=measure)


def measure_of(books: Books, charge: RatePlanCharge) -> Measure:
    """Return how overage of a charge is measured in the unit of its usage."""
    unit = books.units.find(name=charge.uom)
    assert unit is not None, "the unit of a usage charge stays as long as the charge"
    return Measure(charge.rate, unit.decimal_places, unit.rounding_mode)


def rows_of_ratings(books: Books, ids: Sequence[str]) -> Mapping[str, list[tuple[DayKey, DayRow]]]:
    """Return the stored daily rows of rating results, by their ids."""
    return _rows_by(books, "rating_result_id", ids)


def _rows_by(
    books: Books, series: str, ids: Sequence[str]
) -> dict[str, list[tuple[DayKey, DayRow]]]:
    """Return the stored daily rows of each series."""
    found: dict[str, list[tuple[DayKey, DayRow]]] = {}
    if ids:
        criteria: dict[str, Any] = {series: ids}
        for row in books.consumption.list(**criteria):
            found.setdefault(getattr(row, series), []).append((day_key(row), _day_row(row)))
    return found


def day_key(row: DailyConsumption) -> DayKey:
    """Return where a stored row stands in its series."""
    number, segment, charge_id = (
        row.usage_charge_number,
        row.usage_charge_segment,
        row.usage_charge_id,
    )
    if number is None or segment is None or charge_id is None:
        assert row.ending is not None, "a daily row is of a usage charge or of an ending"
        return ending_key(row.ending, row.transaction_date)
    return DayKey(row.transaction_date, number, segment, charge_id)


def _day_row(row: DailyConsumption) -> DayRow:
    if row.units is None:
        return DayRow(row.quantity, row.amount_minor, row.created_at, row.updated_at)
    return DayRow(row.units, row.amount_minor, row.created_at, row.updated_at, row.quantity)


def charge_key(charge: RatePlanCharge, day: date) -> DayKey:
    """Return the key of a usage charge's row on a day."""
    return DayKey(day, charge.number, charge.segment, charge.original_id)
