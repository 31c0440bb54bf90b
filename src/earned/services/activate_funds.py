"""Create the funds of prepayment charges when they become active (U 2.2).

For every validity period of the term at once, whether billed or not: the fund with its price, the
units it puts into the subscription's prepaid balance, and the revenue schedule that defers it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from earned.domain.account import Account
from earned.domain.breakage import BreakagePolicy
from earned.domain.calendar import Days
from earned.domain.exact import ZERO, add
from earned.domain.funding import PlannedFund, Rounding, plan_funds
from earned.domain.prepaid import (
    ORDINARY,
    BalanceTransaction,
    Fund,
    FundScope,
    PrepaidBalance,
    SourceType,
    TransactionType,
    ValidityPeriodSummary,
)
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.domain.terms import Length, PeriodType
from earned.domain.validity import (
    Term,
    check_extension,
    check_renewal,
    check_same_type,
    check_start,
    grid_of,
    is_enhanced,
)
from earned.services.find import account_by_key
from earned.services.open_schedule import open_fund_schedules
from earned.services.ports import Books


@dataclass(slots=True)
class _Pot:
    """A prepaid balance while funds are put into it; `before` is None for a new one.

    `holder` is the account of the balance, `known` are the funds it has: original charge, segment
    and first day. One that was credited is gone: the days it was for may be bought again. `reached`
    is the end of the last fund of each charge, by its original id.
    """

    row: PrepaidBalance
    before: PrepaidBalance | None
    subscription: Subscription
    holder: Account
    periods: dict[Days, ValidityPeriodSummary]
    known: set[tuple[str, int, date]]
    reached: Mapping[str, date]
    funds: list[tuple[Fund, RatePlanCharge]] = field(default_factory=list)
    transactions: list[BalanceTransaction] = field(default_factory=list)


def activate_funds(
    books: Books, subscription: Subscription, added: Sequence[RatePlanCharge], *, first: bool
) -> Sequence[Fund]:
    """Create the funds of the prepayment charges among `added`; return them.

    `first` says that the subscription is new, so that its charges start with a validity period.
    Raises `RuleBroken` with the documented texts for validity periods that cannot be.
    """
    topups = [charge for charge in added if charge.is_topup]
    _check(books, subscription, topups, first=first)
    return _fund(books, subscription, topups)


def extend_funds(
    books: Books, subscription: Subscription, charges: Sequence[RatePlanCharge], since: date
) -> Sequence[Fund]:
    """Create the funds of a longer or a further term, from its first new day on; return them.

    Raises `RuleBroken` with the documented text for a term that is not whole validity periods.
    """
    recurring = [c for c in charges if c.is_topup and c.charge_type == "Recurring"]
    for charge in recurring:
        check_extension(charge, _term(subscription), since, charge.number)
        check_renewal(charge, _renewal(subscription), charge.number)
    return _fund(books, subscription, recurring, since)


def planned_funds(
    books: Books, subscription: Subscription, charge: RatePlanCharge, today: date
) -> Sequence[PlannedFund]:
    """Return the funds that a charge is to have on a day, units rounded as they are stored."""
    currency, unit = books.currency(charge.currency), _unit_of(books, charge)
    planned = plan_funds(charge, _term(subscription), (), currency, today)
    return [replace(plan, units=plan.rounded_units(unit)) for plan in planned]


def roll_on(books: Books, subscription: Subscription, through: date = date.min) -> Sequence[Fund]:
    """Create the funds that an evergreen subscription should have by today, or by a day to come.

    Funds reach to the end of the validity period after the present one: the next fund is there
    when the previous one starts. They go on where the last one ends: a period that was credited
    before that is not sold again. Doing it again changes nothing.
    """
    charges = books.charges.list(subscription_id=subscription.id, order_by=["number"])
    recurring = [c for c in charges if c.is_topup and c.charge_type == "Recurring"]
    going_on = [charge for charge in recurring if charge.effective_end_date is None]
    endless = subscription.term_end_date is None
    made = _fund(books, subscription, going_on, None, through) if endless else []
    if made:
        # Funds are not structure by themselves; a stored subscription moves the revision on.
        books.subscriptions.change(subscription)
    return made


def _check(
    books: Books, subscription: Subscription, topups: Sequence[RatePlanCharge], *, first: bool
) -> None:
    if not topups:
        return
    term = _term(subscription)
    mine = books.charges.list(subscription_id=subscription.id)
    check_same_type([charge for charge in mine if charge.is_topup])
    for charge in topups:
        if charge.charge_type == "OneTime":
            continue
        grid = grid_of(charge, term, charge.number, charge.began_on)
        if first and not is_enhanced(charge):
            check_start(grid, term, charge.effective_start_date, charge.number)
        check_renewal(charge, _renewal(subscription), charge.number)


def _fund(
    books: Books,
    subscription: Subscription,
    topups: Sequence[RatePlanCharge],
    since: date | None = date.min,
    through: date = date.min,
) -> Sequence[Fund]:
    """Fund each unit's balance, recurring charges first: their periods are what top-ups live in.

    Only funds that begin `since` then are meant; None is where the last fund of a charge ends. What
    has no end has funds up to the one after today, or after the day that is to be reached.
    """
    made: list[Fund] = []
    for kind in dict.fromkeys(_pot_of(charge) for charge in topups):
        mine = [charge for charge in topups if _pot_of(charge) == kind]
        pot = _open_pot(books, subscription, kind)
        for charge in sorted(mine, key=lambda charge: charge.charge_type == "OneTime"):
            _put_charge(books, pot, charge, since, max(through, books.today()))
        if pot.funds:
            _store(books, pot)
        made += [fund for fund, _ in pot.funds]
    return made


class _Kind(NamedTuple):
    """Which kind of balance funds are in: whose it is, and of what."""

    scope: FundScope
    uom: str
    is_of_currency: bool


def _pot_of(charge: RatePlanCharge) -> _Kind:
    is_pool = _scope_of(charge) is FundScope.ACCOUNT
    scope = FundScope.ACCOUNT if is_pool else FundScope.SUBSCRIPTION
    return _Kind(scope, charge.fund_uom or "", charge.is_of_currency)


def _unit_of(books: Books, charge: RatePlanCharge) -> Rounding | None:
    """Return how units of the charge's funds are rounded; money to whole minor units."""
    if charge.is_of_currency:
        return Rounding(books.currency(charge.currency).scale, "Up")
    unit = books.units.find(name=charge.prepaid_uom)
    return Rounding(unit.decimal_places, unit.rounding_mode) if unit else None


def _scope_of(charge: RatePlanCharge) -> FundScope:
    return FundScope(charge.commitment_level or FundScope.SUBSCRIPTION)


def _open_pot(books: Books, subscription: Subscription, kind: _Kind) -> _Pot:
    """Lock the balance of a unit, or begin one: the subscription's, or its account's.

    A subscription's is of who pays for it, a pool of the account that uses it.
    """
    is_pool, holding = kind.scope is FundScope.ACCOUNT, kind._asdict()
    owner_id = subscription.account_id if is_pool else subscription.invoice_owner_id
    holder = account_by_key(books, owner_id)
    if is_pool:
        found = books.balances.find(account_id=owner_id, **holding)
    else:
        original_id = subscription.original_id
        found = books.balances.find(original_subscription_id=original_id, **holding)
    if found is None:
        row = _new_balance(books, subscription, holder, kind)
        return _Pot(row, None, subscription, holder, {}, set(), {})
    (row,) = books.lock_balances([found.id])
    summaries = books.validity_periods.list(prepaid_balance_id=row.id, order_by=["start_date"])
    periods = {Days(period.start_date, period.end_date): period for period in summaries}
    funds = books.funds.list(prepaid_balance_id=row.id, order_by=["end_date"])
    there = [fund for fund in funds if fund.credited_on is None]
    known = {(fund.source_id, fund.charge_segment, fund.start_date) for fund in there}
    reached = {fund.source_id: fund.end_date for fund in there if fund.origin_fund_id is None}
    return _Pot(row, row, subscription, holder, periods, known, reached)


def _new_balance(
    books: Books, subscription: Subscription, holder: Account, kind: _Kind
) -> PrepaidBalance:
    is_pool = kind.scope is FundScope.ACCOUNT
    return PrepaidBalance(
        id=books.new_id(),
        entity_id=subscription.entity_id,
        account_id=holder.id,
        original_subscription_id=None if is_pool else subscription.original_id,
        name=f"{holder.number if is_pool else subscription.number}_{kind.uom}",
        **kind._asdict(),
        total_fund=ZERO,
        balance=ZERO,
        start_date=subscription.term_start_date,
        end_date=subscription.term_end_date or subscription.term_start_date,
        **books.stamp(),
    )


def _put_charge(
    books: Books, pot: _Pot, charge: RatePlanCharge, since: date | None, through: date
) -> None:
    """Plan the funds of a charge and put those that are not there yet into the pot."""
    if since is None:
        since = pot.reached.get(charge.original_id, date.min)
    currency, term = books.currency(charge.currency), _term(pot.subscription)
    rounding = _unit_of(books, charge)
    for plan in plan_funds(_since(charge, since), term, list(pot.periods), currency, through):
        key = (charge.original_id, charge.segment, plan.valid.start)
        if plan.valid.start >= since and key not in pot.known:
            units = plan.rounded_units(rounding)
            # What is left of a validity period is one of its own, after that of the days before.
            days = Days(max(plan.period.start, since), plan.period.end)
            period = _grow_period(books, pot, days, units)
            _put_fund(books, pot, charge, replace(plan, units=units), period)


def _since(charge: RatePlanCharge, since: date) -> RatePlanCharge:
    """Return a charge as it begins on a day of its own, if its periods need not be whole there."""
    if since <= charge.effective_start_date or not is_enhanced(charge):
        return charge
    return replace(charge, effective_start_date=since, original_start_date=charge.began_on)


def _put_fund(
    books: Books,
    pot: _Pot,
    charge: RatePlanCharge,
    plan: PlannedFund,
    period: ValidityPeriodSummary,
) -> None:
    fund = Fund(
        id=books.new_id(),
        entity_id=pot.row.entity_id,
        account_id=pot.subscription.invoice_owner_id,
        prepaid_balance_id=pot.row.id,
        validity_period_summary_id=period.id,
        source_id=charge.original_id,
        charge_number=charge.number,
        charge_segment=charge.segment,
        currency=charge.currency,
        funded_balance=plan.units,
        balance=plan.units,
        funding_price_minor=plan.price_minor,
        start_date=plan.valid.start,
        end_date=plan.valid.end,
        scope=_scope_of(charge),
        holder_id=_holder_id(books, charge),
        supports_hierarchy=charge.fund_support_account_hierarchy,
        is_of_currency=charge.is_of_currency,
        priority=ORDINARY if charge.drawdown_priority is None else charge.drawdown_priority,
        breakage_policy=BreakagePolicy(charge.breakage_policy or BreakagePolicy.AT_EXPIRY),
        expected_breakage_rate=charge.expected_breakage_rate,
        transaction_count=1,
        **books.stamp(),
    )
    pot.row = replace(
        pot.row,
        total_fund=add(pot.row.total_fund, plan.units),
        balance=add(pot.row.balance, plan.units),
        start_date=min(pot.row.start_date, plan.valid.start),
        end_date=max(pot.row.end_date, plan.valid.end),
    )
    pot.funds.append((fund, charge))
    pot.transactions.append(_prepayment(books, fund, pot.row.balance))


def _holder_id(books: Books, charge: RatePlanCharge) -> str:
    """Return the id of what the charge's funds may pay for the usage of."""
    scope = _scope_of(charge)
    if scope is FundScope.ACCOUNT:
        return charge.account_id
    if scope is FundScope.SUBSCRIPTION:
        return charge.original_subscription_id
    plan = books.rate_plans.find(id=charge.rate_plan_id)
    assert plan is not None, "a charge belongs to a rate plan"
    return plan.original_id


def _prepayment(books: Books, fund: Fund, balance: Decimal) -> BalanceTransaction:
    """Return the first entry of a fund's ledger."""
    return BalanceTransaction(
        id=books.new_id(),
        entity_id=fund.entity_id,
        account_id=fund.account_id,
        prepaid_balance_id=fund.prepaid_balance_id,
        fund_id=fund.id,
        sequence=1,
        amount=fund.funded_balance,
        balance=balance,
        transaction_date=fund.start_date,
        transaction_type=TransactionType.PREPAYMENT,
        source_type=SourceType.CHARGE,
        source_id=fund.source_id,
        created_by=books.scope.user_id,
        created_at=books.now,
    )


def _grow_period(books: Books, pot: _Pot, days: Days, units: Decimal) -> ValidityPeriodSummary:
    """Add units to a validity period of the balance, which is made if it is not there."""
    known = pot.periods.get(days) or ValidityPeriodSummary(
        id=books.new_id(),
        entity_id=pot.row.entity_id,
        account_id=pot.holder.id,
        prepaid_balance_id=pot.row.id,
        account_number=pot.holder.number,
        subscription_number=pot.subscription.number if pot.row.original_subscription_id else None,
        uom=pot.row.uom,
        start_date=days.start,
        end_date=days.end,
        total_balance=ZERO,
        remaining_balance=ZERO,
        **books.stamp(),
    )
    grown = replace(
        known,
        total_balance=add(known.total_balance, units),
        remaining_balance=add(known.remaining_balance, units),
        updated_by=books.scope.user_id,
        updated_at=books.now,
    )
    pot.periods[days] = grown
    return grown


def _store(books: Books, pot: _Pot) -> None:
    """Write the pot: the balance with its new version, then all that hangs on it."""
    row = pot.row
    if pot.before is None:
        books.balances.add(row)
    else:
        books.balances.change(
            pot.before,
            total_fund=row.total_fund,
            balance=row.balance,
            start_date=row.start_date,
            end_date=row.end_date,
            state="ACTIVE",
            version=row.version + 1,
        )
    books.validity_periods.save_all(list(pot.periods.values()))
    books.funds.add_all([fund for fund, _ in pot.funds])
    books.transactions.add_all(pot.transactions)
    open_fund_schedules(books, pot.funds)


def _term(subscription: Subscription) -> Term:
    return Term(subscription.term_start_date, subscription.term_end_date)


def _renewal(subscription: Subscription) -> Length | None:
    """Return how long the subscription renews for, None where it does not or has no end then."""
    termed = subscription.renewal_setting == "RENEW_WITH_SPECIFIC_TERM"
    if subscription.term_end_date is None or not termed or not subscription.renewal_term:
        return None
    unit = PeriodType(subscription.renewal_term_period_type or PeriodType.MONTH)
    return Length(subscription.renewal_term, unit)
