"""Which prepaid balances a charge draws from, and which charges draw from a balance (U 1.4, 2.17).

The rule is `domain.reach`; here is what it asks for: rate plans, accounts and those above them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from earned.domain.prepaid import FundScope, PrepaidBalance
from earned.domain.reach import Place
from earned.domain.subscription import RatePlanCharge, by_segment
from earned.domain.usage import UsageRecord
from earned.services.batches import batches
from earned.services.ports import Books


def place_of(books: Books, charge: RatePlanCharge) -> Place:
    """Return where a charge stands."""
    plan = books.rate_plans.find(id=charge.rate_plan_id)
    assert plan is not None, "a charge belongs to a rate plan"
    accounts = (charge.account_id, *accounts_above(books, charge.account_id))
    return Place(charge.original_subscription_id, plan.original_id, accounts)


def accounts_above(books: Books, account_id: str) -> Sequence[str]:
    """Return the ids of an account's parent, of its parent, and so on."""
    above: list[str] = []
    account = books.accounts.find(id=account_id)
    while account is not None and account.parent_id is not None:
        above.append(account.parent_id)
        account = books.accounts.find(id=account.parent_id)
    return above


def accounts_below(books: Books, account_ids: Iterable[str]) -> Sequence[str]:
    """Return the ids of the accounts below some accounts, however deep."""
    below: list[str] = []
    parents = list(account_ids)
    while parents:
        children = [
            row.id for some in batches(parents) for row in books.accounts.list(parent_id=some)
        ]
        below += children
        parents = children
    return below


def balance_ids(books: Books, charge: RatePlanCharge) -> Sequence[str]:
    """Return the ids of the prepaid balances that may have funds for a charge."""
    if not charge.is_drawdown or charge.drawn_uom is None:
        return ()
    return books.remember(("balance_ids", charge.id), lambda: _find_balances(books, charge))


def _find_balances(books: Books, charge: RatePlanCharge) -> Sequence[str]:
    holding: dict[str, Any] = {"uom": charge.drawn_uom, "is_of_currency": charge.is_of_currency}
    subscription_id = charge.original_subscription_id
    own = books.balances.list(original_subscription_id=subscription_id, **holding)
    accounts = [charge.account_id, *accounts_above(books, charge.account_id)]
    pools = books.balances.list(account_id=accounts, scope=FundScope.ACCOUNT, **holding)
    return tuple(row.id for row in (*own, *pools))


def balances_drawn(books: Books, usage: Sequence[UsageRecord]) -> Sequence[str]:
    """Return the ids of the prepaid balances that stored records have drawn from.

    A charge may have had other balances in reach when it drew: accounts move in the hierarchy.
    """
    books = books.entire
    ids = [record.id for record in usage if not record.deleted]
    if not ids or not books.remember(("pools",), lambda: _has_pools(books)):
        return ()
    rows = books.transactions.list(usage_id=ids)
    return list({row.prepaid_balance_id for row in rows})


def _has_pools(books: Books) -> bool:
    return books.balances.find(scope=FundScope.ACCOUNT) is not None


def charges_drawing(
    books: Books, balances: Sequence[PrepaidBalance]
) -> Mapping[tuple[str, int], RatePlanCharge]:
    """Return the segments of charges that may draw from balances, by original id and number."""
    return by_segment(
        charge
        for balance in balances
        for charge in _charges_near(books, balance)
        if charge.is_drawdown
        and (charge.drawn_uom, charge.is_of_currency) == (balance.uom, balance.is_of_currency)
    )


def _charges_near(books: Books, balance: PrepaidBalance) -> Sequence[RatePlanCharge]:
    if balance.original_subscription_id is not None:
        return books.charges.list(
            original_subscription_id=balance.original_subscription_id,
            charge_type="Usage",
            is_latest=True,
        )
    accounts = [balance.account_id]
    if books.funds.count(prepaid_balance_id=balance.id, supports_hierarchy=True):
        accounts += accounts_below(books, accounts)
    return [
        charge
        for some in batches(accounts)
        for charge in books.charges.list(account_id=some, charge_type="Usage", is_latest=True)
    ]
