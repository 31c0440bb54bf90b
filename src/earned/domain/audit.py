"""What must always be true of prepaid funds and usage, recomputed from the ledger (design 5).

Nothing here is shared with the code that writes the rows: each check reads what is stored and works
the number out again. A check yields a `Break` for each thing that does not tie out.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from earned.domain.catalog import UnitOfMeasure
from earned.domain.consumption import DailyConsumption, RatingResult, RevenueEvent
from earned.domain.exact import (
    FRACTION_DIGITS_MAX,
    ONE,
    ZERO,
    add,
    multiply,
    plain,
    subtract,
)
from earned.domain.money import Currency, round_to_minor
from earned.domain.prepaid import (
    CONSUMING,
    BalanceTransaction,
    Fund,
    PrepaidBalance,
    TransactionType,
    ValidityPeriodSummary,
)
from earned.domain.usage import GuidedUsage, UsageRecord

_CREDITING = (
    TransactionType.PREPAYMENT_CREDIT_BACK,
    TransactionType.PREPAYMENT_CREDIT_BACK_REVERSAL,
)
# Overage is kept in usage units with nine decimals: what is cut off there is no break.
_LAST_DIGIT = ONE.scaleb(-FRACTION_DIGITS_MAX)


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that does not tie out: what should be, what is, and where."""

    check: str
    object_type: str
    object_id: str
    expected: str
    found: str


class DayOf(NamedTuple):
    """What a daily row is of, in the order in which rows accumulate (U 4.3)."""

    day: date
    charge_number: str
    charge_segment: int
    charge_id: str

    def __str__(self) -> str:
        """Name the row for people."""
        return f"{self.day} {self.charge_number} segment {self.charge_segment}"


@dataclass(slots=True)
class Tally:
    """The ledger of one fund, counted in one pass."""

    count: int = 0
    total: Decimal = ZERO
    first_gap: str = ""
    by_type: dict[TransactionType, Decimal] = field(default_factory=dict)
    days: dict[DayOf, Decimal] = field(default_factory=dict)

    def moved(self, types: Iterable[TransactionType]) -> Decimal:
        """Return what transactions of these types took out of the fund."""
        return subtract(ZERO, total(self.by_type.get(kind, ZERO) for kind in types))

    def count_in(self, row: BalanceTransaction) -> None:
        """Count the next transaction, in the order of their numbers."""
        self.count += 1
        if row.sequence != self.count and not self.first_gap:
            self.first_gap = f"{row.sequence} in place {self.count}"
        self.total = add(self.total, row.amount)
        kind = row.transaction_type
        self.by_type[kind] = add(self.by_type.get(kind, ZERO), row.amount)
        if kind in CONSUMING:
            key = _day_of_transaction(row)
            self.days[key] = subtract(self.days.get(key, ZERO), row.amount)


def check_fund(fund: Fund, ledger: Tally) -> Iterator[Break]:
    """A fund is what its gapless ledger says, and no unit is lost (U 1.6).

    Funded = drawn + left + expired + rolled over + credited back.
    """
    told = partial(_differ, object_type="Fund", object_id=fund.id)
    yield from told("fund balance is the sum of its transactions", ledger.total, fund.balance)
    yield from told("fund transactions have no gap", "no gap", ledger.first_gap or "no gap")
    yield from told("fund counts its transactions", ledger.count, fund.transaction_count)
    within = min(max(fund.balance, ZERO), fund.funded_balance)
    yield from told("fund holds from none to all of its units", within, fund.balance)
    drawn, credited = ledger.moved(CONSUMING), ledger.moved(_CREDITING)
    gone = (drawn, fund.balance, fund.expired, fund.rolled_over, credited)
    yield from told("fund units are conserved", fund.funded_balance, total(gone))


@dataclass(slots=True)
class Steps:
    """The balances before and after each transaction of one prepaid balance.

    Whatever order they are read in: each balance that a transaction leaves is the one that another
    starts from, but for the last; each it starts from is left by another, but for the first, zero.
    """

    total: Decimal = ZERO
    open: dict[Decimal, int] = field(default_factory=dict)
    by: dict[Decimal, str] = field(default_factory=dict)

    def count_in(self, row: BalanceTransaction) -> None:
        """Count a transaction's step."""
        self.total = add(self.total, row.amount)
        self._count(subtract(row.balance, row.amount), 1, row.id)
        self._count(row.balance, -1, row.id)

    def _count(self, balance: Decimal, step: int, by: str) -> None:
        count = self.open.pop(balance, 0) + step
        self.by.pop(balance, None)
        if count:
            self.open[balance], self.by[balance] = count, by


def check_steps(steps: Steps) -> Iterator[Break]:
    """Each transaction starts from the balance that the one before it left (U 1.9)."""
    ends = {ZERO: 1, steps.total: -1} if steps.total else {}
    for value in sorted(steps.open.keys() | ends.keys()):
        if steps.open.get(value, 0) != ends.get(value, 0):
            yield Break(
                "balance transactions follow one another",
                "BalanceTransaction",
                steps.by.get(value, ""),
                f"as many transactions that start from {plain(value)} as ones that end there",
                f"{steps.open.get(value, 0) - ends.get(value, 0):+d} of them",
            )


def check_balance(balance: PrepaidBalance, funds: Sequence[Fund]) -> Iterator[Break]:
    """A prepaid balance is the sum of its funds, and never negative (U 1.6)."""
    told = partial(_differ, object_type="PrepaidBalance", object_id=balance.id)
    left = total(fund.balance for fund in funds)
    funded = total(fund.funded_balance for fund in funds)
    yield from told("prepaid balance is the sum of its funds", left, balance.balance)
    yield from told("prepaid balance totals its funds", funded, balance.total_fund)
    within = max(balance.balance, ZERO)
    yield from told("prepaid balance is not overdrawn", within, balance.balance)


def check_validity_period(period: ValidityPeriodSummary, funds: Sequence[Fund]) -> Iterator[Break]:
    """A validity period totals the funds in it."""
    mine = [fund for fund in funds if fund.validity_period_summary_id == period.id]
    funded = total(fund.funded_balance for fund in mine)
    left = total(fund.balance for fund in mine)
    told = partial(_differ, object_type="ValidityPeriodSummary", object_id=period.id)
    yield from told("validity period totals its funds", funded, period.total_balance)
    yield from told("validity period has left what its funds have", left, period.remaining_balance)


def check_days(
    fund: Fund, ledger: Mapping[DayOf, Decimal], rows: Iterable[DailyConsumption]
) -> Iterator[Break]:
    """Daily rows of a fund say what its ledger says, and add up to `round(FP x consumed / FQ)`.

    So does every run of them from the first on, which makes each row's amount one number only.
    """
    stored = {day_of_row(row): row for row in rows}
    missing = DailyRow(ZERO, None)
    expected = _priced(fund, ledger)
    for key in sorted(expected.keys() | stored.keys()):
        row = stored.get(key)
        wanted = expected.get(key, missing)
        found = DailyRow(row.quantity, row.amount_minor) if row else missing
        yield from _differ(
            "daily consumption follows the ledger",
            f"{key}: {wanted}",
            f"{key}: {found}",
            object_type="DailyConsumption" if row else "Fund",
            object_id=row.id if row else fund.id,
        )
    amounts = sum(row.amount_minor for row in stored.values())
    worth = _consumption_minor(fund, total(ledger.values()))
    check = "daily consumption adds up to the fund's consumption amount"
    yield from _differ(check, worth, amounts, object_type="Fund", object_id=fund.id)


class DailyRow(NamedTuple):
    """A day's quantity and amount; None where there is no row."""

    quantity: Decimal
    amount_minor: int | None

    def __str__(self) -> str:
        """Write it for people."""
        if self.amount_minor is None:
            return "no row"
        return f"{plain(self.quantity)} units, {self.amount_minor} minor"


def _priced(fund: Fund, ledger: Mapping[DayOf, Decimal]) -> dict[DayOf, DailyRow]:
    """Return the daily rows that follow from a fund's ledger."""
    rows = {}
    consumed, priced = ZERO, 0
    for key in sorted(ledger):
        consumed = add(consumed, ledger[key])
        before, priced = priced, _consumption_minor(fund, consumed)
        rows[key] = DailyRow(ledger[key], priced - before)
    return rows


def _consumption_minor(fund: Fund, consumed: Decimal) -> int:
    """Return what consumed units of a fund are worth: the fund's price when it is used up."""
    if not consumed or not fund.funded_balance:
        return 0
    currency = Currency.of(fund.currency)
    price = Fraction(fund.funding_price_minor, currency.factor)
    return round_to_minor(price * Fraction(consumed) / Fraction(fund.funded_balance), currency)


def check_events(
    rows: Collection[DailyConsumption], events: Iterable[RevenueEvent]
) -> Iterator[Break]:
    """Each daily row has one revenue event of its quantity and amount, and no event has none.

    Events of other kinds (expiry, rollover) name no usage charge and have no daily row.
    """
    told = {
        _day_of_event(event): event
        for event in events
        if event.usage_charge_id is not None and not event.deleted
    }
    check = "revenue event equals its daily consumption"
    for row in rows:
        key = day_of_row(row)
        event = told.pop(key, None)
        found = DailyRow(event.quantity, event.amount_minor) if event else "no event"
        yield from _differ(
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
    told = partial(_differ, object_type="RatingResult", object_id=rating.id)
    yield from told("rating result counts the units of its days", quantity, rating.quantity)
    yield from told("rating result adds up its days", amount, rating.amount_minor)


def check_guided(
    guided: GuidedUsage, record: UsageRecord, ledger: Collection[BalanceTransaction]
) -> Iterator[Break]:
    """Guided usage is on its record's day and deleted with it, and drawn + rest x rate = need.

    What an earlier version of its record was guided to is deleted and keeps that version's day.
    """
    told = partial(_differ, object_type="GuidedUsage", object_id=guided.id)
    drawn, rate = _drawn(ledger), _rate_of(ledger)
    if guided.deleted:
        # Units that a deleted reversal had given back may be gone: then they became overage.
        left = min(drawn, ZERO) if guided.quantity < 0 else ZERO
        yield from told("deleted usage draws nothing", left, drawn)
        return
    if record.deleted:
        yield from told("guided usage is deleted with its record", "deleted", "in force")
    yield from told("guided usage is of its record's day", record.usage_date, guided.usage_date)
    need = multiply(guided.quantity, rate)
    met = add(drawn, multiply(guided.remaining_quantity, rate))
    if subtract(need, met).copy_abs() >= multiply(rate, _LAST_DIGIT):
        yield from told("guided usage is drawn or overage", need, met)


def check_rounding(
    guided: GuidedUsage, record: UsageRecord, unit: UnitOfMeasure
) -> Iterator[Break]:
    """Guided usage has its record's quantity, rounded to the unit of measure (U 1.3)."""
    scale = 10**unit.decimal_places
    steps = abs(Fraction(record.quantity)) * scale
    whole = -(-steps // 1) if unit.rounding_mode == "Up" else steps // 1
    rounded = Fraction(whole if record.quantity >= 0 else -whole, scale)
    if Fraction(guided.quantity) != rounded:
        check = "guided usage has its record's quantity"
        expected = f"{plain(record.quantity)}, {unit.decimal_places} decimals {unit.rounding_mode}"
        yield Break(check, "GuidedUsage", guided.id, expected, plain(guided.quantity))


def overage(guided: GuidedUsage, ledger: Collection[BalanceTransaction]) -> Decimal:
    """Return what guided usage adds to the rating of its charge and day.

    A deleted one adds nothing, unless it was a negative one whose units the funds no longer had
    when it was undone: those became overage (U 2.15).
    """
    if not guided.deleted:
        return guided.remaining_quantity
    owed = Fraction(_drawn(ledger).copy_negate()) / Fraction(_rate_of(ledger))
    return Decimal(owed * 10**FRACTION_DIGITS_MAX // 1).scaleb(-FRACTION_DIGITS_MAX)


def check_overage(
    used: Mapping[DayOf, Decimal], rows: Iterable[DailyConsumption]
) -> Iterator[Break]:
    """The daily rows of a usage charge count the usage that no fund covered."""
    stored = {day_of_row(row): row for row in rows}
    for key in sorted(used.keys() | stored.keys()):
        row = stored.get(key)
        found = row.quantity if row else ZERO
        yield from _differ(
            "overage counts the usage that no fund covered",
            f"{key}: {plain(used.get(key, ZERO))} units",
            f"{key}: {plain(found)} units",
            object_type="DailyConsumption" if row else "RatePlanCharge",
            object_id=row.id if row else key.charge_id,
        )


def day_of_guided(guided: GuidedUsage) -> DayOf:
    """Return the daily row that guided usage counts in."""
    return DayOf(guided.usage_date, guided.charge_number, guided.charge_segment, guided.charge_id)


def day_of_row(row: DailyConsumption) -> DayOf:
    """Return what a stored daily row is of."""
    return DayOf(
        row.transaction_date, row.usage_charge_number, row.usage_charge_segment, row.usage_charge_id
    )


def total(quantities: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    result = ZERO
    for quantity in quantities:
        result = add(result, quantity)
    return result


def _differ(
    check: str, expected: object, found: object, *, object_type: str, object_id: str
) -> Iterator[Break]:
    if expected != found:
        yield Break(check, object_type, object_id, _text(expected), _text(found))


def _text(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def _drawn(ledger: Iterable[BalanceTransaction]) -> Decimal:
    """Return the units that the transactions of one guided usage took from funds."""
    return subtract(ZERO, total(row.amount for row in ledger))


def _rate_of(ledger: Iterable[BalanceTransaction]) -> Decimal:
    """Return the drawdown rate; where nothing was drawn any rate gives the same answer."""
    rates = (row.drawdown_rate for row in ledger if row.drawdown_rate is not None)
    return next(rates, ONE)


def _day_of_transaction(row: BalanceTransaction) -> DayOf:
    return DayOf(
        row.transaction_date,
        row.drawdown_charge_number or "",
        row.drawdown_charge_segment or 0,
        row.drawdown_charge_id or "",
    )


def _day_of_event(event: RevenueEvent) -> DayOf:
    return DayOf(
        event.transaction_date,
        event.usage_charge_number or "",
        event.usage_charge_segment or 0,
        event.usage_charge_id or "",
    )
