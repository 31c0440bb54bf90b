"""Which funds a drawdown charge may draw from, and in which order (U 1.4, 1.5, 2.5, 2.17).

What a fund may pay for is its prepayment charge's `DrawdownScope`: charges of the same rate plan,
of the same subscription, or of any subscription of the account that uses it; where the fund
supports the hierarchy of accounts, those of the accounts below that account too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earned.domain.drawdown import burn_order
from earned.domain.prepaid import Fund, FundScope


@dataclass(frozen=True, slots=True)
class Place:
    """Where a drawdown charge stands: what funds are looked for by.

    `subscription_id` and `rate_plan_id` are original ids. `account_ids` are the account that uses
    the subscription and those above it, the nearest first.
    """

    subscription_id: str
    rate_plan_id: str
    account_ids: tuple[str, ...]


def reaches(fund: Fund, place: Place) -> bool:
    """Say whether a fund may pay for usage of a charge that stands at a place."""
    if fund.scope is FundScope.ACCOUNT:
        is_own = fund.holder_id == place.account_ids[0]
        return is_own or (fund.supports_hierarchy and fund.holder_id in place.account_ids)
    if fund.scope is FundScope.RATEPLAN:
        return fund.holder_id == place.rate_plan_id
    return fund.holder_id == place.subscription_id


def funds_in_reach(place: Place, funds: Iterable[Fund]) -> Sequence[Fund]:
    """Return the funds that may pay for usage of a charge, in the order they are drawn from.

    Whichever prepaid balances they are in, all of the unit that the charge draws.
    """
    return sorted((fund for fund in funds if reaches(fund, place)), key=burn_order)
