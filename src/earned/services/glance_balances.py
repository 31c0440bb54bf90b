"""Look at the prepaid balances of an account at a glance."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from earned.domain.account import Account
from earned.domain.audit_ledger import total
from earned.domain.calendar import Days
from earned.domain.consumption import Ending
from earned.domain.drawdown import burn_order
from earned.domain.exact import ZERO
from earned.domain.glance import (
    BalanceGlance,
    Glance,
    OverageGlance,
    PeriodGlance,
    glance_at,
)
from earned.domain.prepaid import Fund, PrepaidBalance
from earned.domain.subscription import by_segment
from earned.services.batches import batches
from earned.services.find import account_by_key
from earned.services.ports import Books


def glance_balances(books: Books, account_key: str) -> Glance:
    """Return what an account has prepaid, what is left of it, and what it used beyond.

    Balances that it pays for, that its subscriptions draw from, and its pools. Raises `NotFound`.
    """
    account = account_by_key(books, account_key)
    balances = [_glance(books, row) for row in _balances_of(books, account)]
    overage = _overage_of(books, account)
    return Glance(account.number, books.today(), balances, overage)


def _balances_of(books: Books, account: Account) -> Sequence[PrepaidBalance]:
    found = {row.id: row for row in books.balances.list(account_id=account.id)}
    subscriptions = books.subscriptions.list(account_id=account.id, is_latest=True)
    for some in batches([one.original_id for one in subscriptions]):
        rows = books.balances.list(original_subscription_id=some)
        found |= {row.id: row for row in rows}
    return sorted(found.values(), key=lambda row: (row.name, row.is_of_currency))


def _glance(books: Books, balance: PrepaidBalance) -> BalanceGlance:
    funds = sorted(books.funds.list(prepaid_balance_id=balance.id), key=burn_order)
    credited, day = _credited(books, funds), books.today()
    order = ("start_date", "end_date")
    return BalanceGlance(
        balance,
        [
            PeriodGlance(
                period,
                [
                    glance_at(fund, credited.get(fund.id, ZERO), day)
                    for fund in funds
                    if fund.validity_period_summary_id == period.id
                ],
            )
            for period in books.validity_periods.list(prepaid_balance_id=balance.id, order_by=order)
        ],
    )


def _credited(books: Books, funds: Sequence[Fund]) -> Mapping[str, Decimal]:
    """Return the units that were credited back, by fund."""
    ids = [fund.id for fund in funds if fund.credited_on is not None]
    if not ids:
        return {}
    rows = books.consumption.list(fund_id=ids, ending=Ending.CREDIT)
    return {
        identity: total(row.quantity for row in rows if row.fund_id == identity) for identity in ids
    }


def _overage_of(books: Books, account: Account) -> Sequence[OverageGlance]:
    """Return the overage of the account's drawdown charges, by service period."""
    charges = books.charges.list(
        account_id=account.id, charge_type="Usage", is_latest=True, order_by=("number", "segment")
    )
    drawing = by_segment(one for one in charges if one.is_drawdown)
    found: list[OverageGlance] = []
    for some in batches(list(dict.fromkeys(original_id for original_id, _ in drawing))):
        order = ("charge_number", "service_start_date", "charge_segment", "id")
        for rating in books.rating_results.list(charge_id=some, order_by=order):
            charge = drawing[rating.segment_key]
            quantity = None if charge.is_of_currency else rating.quantity
            if rating.amount_minor or quantity:
                service = Days(rating.service_start_date, rating.service_end_date)
                found.append(
                    OverageGlance(
                        charge_number=charge.number,
                        uom=charge.uom,
                        service=service,
                        quantity=quantity,
                        amount_minor=rating.amount_minor,
                        currency=rating.currency,
                    )
                )
    return found
