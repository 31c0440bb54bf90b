"""What must always be true of prepaid funds and usage, recomputed from the ledger (design 5).

Nothing here is shared with the code that writes the rows: each check reads what is stored and works
the number out again. A check yields a `Break` for each thing that does not tie out.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial

from earned.domain.audit_ledger import Steps, Tally, total
from earned.domain.catalog import UnitOfMeasure
from earned.domain.exact import FRACTION_DIGITS_MAX, ONE, ZERO, add, multiply, plain, subtract
from earned.domain.prepaid import (
    CONSUMING,
    BalanceTransaction,
    Fund,
    FundScope,
    PrepaidBalance,
    TransactionType,
    ValidityPeriodSummary,
)
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import GuidedUsage, UsageRecord

_CREDITING = (
    TransactionType.PREPAYMENT_CREDIT_BACK,
    TransactionType.PREPAYMENT_CREDIT_BACK_REVERSAL,
)
_FUNDING = (
    TransactionType.PREPAYMENT,
    TransactionType.PREPAYMENT_ADJUSTMENT,
    TransactionType.ROLLOVER,
)
# What is left of a record is shown in usage units with nine decimals: what is cut off is no break.
_LAST_DIGIT = ONE.scaleb(-FRACTION_DIGITS_MAX)


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that does not tie out: what should be, what is, and where."""

    check: str
    object_type: str
    object_id: str
    expected: str
    found: str


def differ(
    check: str, expected: object, found: object, *, object_type: str, object_id: str
) -> Iterator[Break]:
    """Yield a break unless what is found is what is expected."""
    if expected != found:
        yield Break(check, object_type, object_id, _text(expected), _text(found))


def check_fund(fund: Fund, ledger: Tally) -> Iterator[Break]:
    """A fund is what its gapless ledger says, and no unit is lost (U 1.6).

    Funded = drawn + left + expired + rolled over or back + credited back.
    """
    told = partial(differ, object_type="Fund", object_id=fund.id)
    yield from told("fund balance is the sum of its transactions", ledger.total, fund.balance)
    yield from told("fund transactions have no gap", "no gap", ledger.first_gap or "no gap")
    yield from told("fund counts its transactions", ledger.count, fund.transaction_count)
    within = min(max(fund.balance, ZERO), fund.funded_balance)
    yield from told("fund holds from none to all of its units", within, fund.balance)
    drawn, credited = ledger.moved(CONSUMING), ledger.moved(_CREDITING)
    rolled = (fund.rolled_over, fund.rolled_back)
    gone = (drawn, fund.balance, fund.expired, *rolled, credited)
    yield from told("fund units are conserved", fund.funded_balance, total(gone))
    expired = ledger.moved([TransactionType.FUND_EXPIRY])
    yield from told("fund counts the units that expired", expired, fund.expired)
    within = min(fund.depleted, fund.expired)
    yield from told("units that were depleted are among those that expired", within, fund.depleted)
    rolled_over = ledger.moved([TransactionType.ROLLED_OVER])
    yield from told("fund counts the units that rolled over", rolled_over, fund.rolled_over)
    put_in = subtract(fund.funded_balance, fund.rolled_back)
    entered = subtract(ZERO, ledger.moved(_FUNDING))
    yield from told("fund holds the units that were put into it", entered, put_in)


def check_origin(fund: Fund, origin: Fund | None, rolled: Collection[Fund]) -> Iterator[Break]:
    """What rolled out of a fund is in the funds that were made for it, units and price.

    Less what came back. A rolled fund has rolled once more than its origin.
    """
    told = partial(differ, object_type="Fund", object_id=fund.id)
    units = total(subtract(one.funded_balance, one.rolled_back) for one in rolled)
    price = sum(one.funding_price_minor for one in rolled)
    back = sum(one.rolled_minor for one in rolled if one.rolled_back)
    yield from told("units that rolled over are in another fund", units, fund.rolled_over)
    own_minor = fund.rolled_minor if not fund.rolled_back else 0
    yield from told("price that rolled over is in another fund", price - back, own_minor)
    count = origin.rollover_count + 1 if origin else 0
    yield from told("fund rolled once more than its origin", count, fund.rollover_count)


def check_place(
    fund: Fund, balance: PrepaidBalance, drawers: Collection[RatePlanCharge]
) -> Iterator[Break]:
    """A fund lies where its scope says, and none but charges in its reach have drawn (U 1.4).

    Accounts move in the hierarchy; who drew from a fund that supports it may be elsewhere now.
    """
    told = partial(differ, object_type="Fund", object_id=fund.id)
    is_pool = fund.scope is FundScope.ACCOUNT
    scope = FundScope.ACCOUNT if is_pool else FundScope.SUBSCRIPTION
    yield from told("fund is in a balance of its scope", scope, balance.scope)
    holder = balance.account_id if is_pool else balance.original_subscription_id
    if fund.scope is not FundScope.RATEPLAN:
        yield from told("fund pays for who has its balance", holder, fund.holder_id)
    if not fund.supports_hierarchy:
        field = "account_id" if is_pool else "original_subscription_id"
        strangers = {charge.number for charge in drawers if getattr(charge, field) != holder}
        check = "fund was drawn by charges in its reach"
        yield from told(check, "no other", ", ".join(sorted(strangers)) or "no other")


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
    told = partial(differ, object_type="PrepaidBalance", object_id=balance.id)
    left = total(fund.balance for fund in funds)
    funded = total(subtract(fund.funded_balance, fund.rolled_back) for fund in funds)
    yield from told("prepaid balance is the sum of its funds", left, balance.balance)
    yield from told("prepaid balance totals its funds", funded, balance.total_fund)
    within = max(balance.balance, ZERO)
    yield from told("prepaid balance is not overdrawn", within, balance.balance)


def check_validity_period(period: ValidityPeriodSummary, funds: Sequence[Fund]) -> Iterator[Break]:
    """A validity period totals the funds in it."""
    mine = [fund for fund in funds if fund.validity_period_summary_id == period.id]
    funded = total(subtract(fund.funded_balance, fund.rolled_back) for fund in mine)
    left = total(fund.balance for fund in mine)
    told = partial(differ, object_type="ValidityPeriodSummary", object_id=period.id)
    yield from told("validity period totals its funds", funded, period.total_balance)
    yield from told("validity period has left what its funds have", left, period.remaining_balance)


def check_guided(
    guided: GuidedUsage, record: UsageRecord, ledger: Collection[BalanceTransaction]
) -> Iterator[Break]:
    """Guided usage is on its record's day and deleted with it, and drawn + rest x rate = need.

    What an earlier version of its record was guided to is deleted and keeps that version's day.
    """
    told = partial(differ, object_type="GuidedUsage", object_id=guided.id)
    drawn, rate = drawn_of(ledger), _rate_of(ledger)
    if guided.deleted and guided.amount_minor is not None:
        # Money that a reversal had given back already is not given back again.
        return
    if guided.deleted:
        # Units that a deleted reversal had given back may be gone: then they became overage.
        left = min(drawn, ZERO) if guided.quantity < 0 else ZERO
        yield from told("deleted usage draws nothing", left, drawn)
        return
    if record.deleted:
        yield from told("guided usage is deleted with its record", "deleted", "in force")
    yield from told("guided usage is of its record's day", record.usage_date, guided.usage_date)
    if guided.amount_minor is not None:
        return
    need = multiply(guided.quantity, rate)
    met = add(drawn, multiply(guided.remaining_quantity, rate))
    if subtract(need, met).copy_abs() >= multiply(rate, _LAST_DIGIT):
        yield from told("guided usage is drawn or overage", need, met)


def check_rounding(
    guided: GuidedUsage, record: UsageRecord, unit: UnitOfMeasure
) -> Iterator[Break]:
    """Guided usage has its record's quantity, rounded to the unit of measure (U 1.3)."""
    if Fraction(guided.quantity) != rounded(Fraction(record.quantity), unit):
        check = "guided usage has its record's quantity"
        expected = f"{plain(record.quantity)}, {unit.decimal_places} decimals {unit.rounding_mode}"
        yield Break(check, "GuidedUsage", guided.id, expected, plain(guided.quantity))


def rounded(quantity: Fraction, unit: UnitOfMeasure) -> Fraction:
    """Return a quantity as its unit of measure has it."""
    scale = 10**unit.decimal_places
    steps = abs(quantity) * scale
    whole = -(-steps // 1) if unit.rounding_mode == "Up" else steps // 1
    return Fraction(whole if quantity >= 0 else -whole, scale)


def overage(guided: GuidedUsage, ledger: Collection[BalanceTransaction], rate: Decimal) -> Decimal:
    """Return what guided usage adds to the rating of its charge and day: units that no fund had.

    Where funds hold money, the usage itself. A deleted one adds nothing, unless it was a negative
    one whose units the funds no longer had when it was undone: those became overage (U 2.15).
    """
    if guided.amount_minor is not None:
        return ZERO if guided.deleted else guided.quantity
    needed = ZERO if guided.deleted else multiply(guided.quantity, rate)
    return subtract(needed, drawn_of(ledger))


def _text(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def drawn_of(ledger: Iterable[BalanceTransaction]) -> Decimal:
    """Return the units that the transactions of one guided usage took from funds."""
    return subtract(ZERO, total(row.amount for row in ledger))


def _rate_of(ledger: Iterable[BalanceTransaction]) -> Decimal:
    """Return the drawdown rate; where nothing was drawn any rate gives the same answer."""
    rates = (row.drawdown_rate for row in ledger if row.drawdown_rate is not None)
    return next(rates, ONE)
