"""Find what is due of an account's subscriptions at a target date and not billed (U 2.2, 2.7)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from earned.domain.account import Account
from earned.domain.billing_periods import (
    asked_of_charge,
    asked_of_fund,
    bounds_of,
    is_billable,
    usage_due,
)
from earned.domain.calendar import Days
from earned.domain.consumption import RatingResult
from earned.domain.due import Difference, differences, rated_difference
from earned.domain.exact import ZERO, add
from earned.domain.prepaid import Fund
from earned.domain.rated import uncovered
from earned.domain.subscription import RatePlanCharge, Subscription, by_segment
from earned.domain.terms import plain_word
from earned.domain.validity import Term
from earned.services.batches import batches
from earned.services.billed_so_far import BilledSoFar
from earned.services.open_series import rating_accrual
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be billed of one charge segment for a service period, and of what.

    Of usage that is what the `ratings` of the period say together.
    """

    charge: RatePlanCharge
    difference: Difference
    fund_id: str | None = None
    ratings: Sequence[RatingResult] = ()

    @property
    def is_credit(self) -> bool:
        """Whether it goes to a credit memo."""
        return self.difference.amount_minor < 0


@dataclass(frozen=True, slots=True)
class BillingScope:
    """Whose charges are billed, through which day, and which types of charge are not."""

    account: Account
    subscriptions: Sequence[Subscription]
    target: date
    excluded: frozenset[str] = frozenset()


def find_due(books: Books, scope: BillingScope) -> list[Due]:
    """Return what is due, in the order of charges and days: prepayments and fees, then usage."""
    ids = [one.original_id for one in scope.subscriptions]
    charges = [
        charge
        for some in batches(ids)
        for charge in books.charges.list(original_subscription_id=some, is_latest=True)
        if charge.charge_type not in scope.excluded
    ]
    charges.sort(key=lambda charge: (charge.number, charge.segment))
    so_far = BilledSoFar(books, {charge.original_id for charge in charges})
    return [
        *_of_funds(books, scope, charges, so_far),
        *_of_charges(books, scope, [one for one in charges if is_billable(one)], so_far),
        *_of_usage(books, scope, [one for one in charges if one.charge_type == "Usage"], so_far),
    ]


def _of_funds(
    books: Books, scope: BillingScope, charges: Sequence[RatePlanCharge], so_far: BilledSoFar
) -> Iterator[Due]:
    segments = by_segment(charges)
    funds = books.funds.list(account_id=scope.account.id, order_by=["start_date", "id"])
    families = [
        (root, family)
        for root, family in _families([one for one in funds if one.segment_key in segments])
        if root.start_date <= scope.target or so_far.of_fund(root.id)
    ]
    periods = _periods(books, [root for root, _ in families])
    for root, family in families:
        charge, currency = segments[root.segment_key], books.currency(root.currency)
        price = Fraction(root.funding_price_minor, currency.factor)
        validity_period = periods[root.validity_period_summary_id]
        asked = asked_of_fund(root, price, validity_period, charge, currency)
        hands = so_far.by_hand(charge.original_id)
        credited = sum(fund.credited_minor for fund in family if _is_credited(fund, scope.target))
        most = root.funding_price_minor - credited
        found = differences(asked, so_far.of_fund(root.id), scope.target, hands, most)
        for one in found:
            yield Due(charge=charge, difference=_since(one, root), fund_id=root.id)


def _periods(books: Books, funds: Sequence[Fund]) -> Mapping[str, Days]:
    """Return the validity periods of funds, by their ids."""
    ids = dict.fromkeys(fund.validity_period_summary_id for fund in funds)
    return {
        period.id: Days(period.start_date, period.end_date)
        for some in batches(ids)
        for period in books.validity_periods.list(id=some)
    }


def _is_credited(fund: Fund, target: date) -> bool:
    return fund.credited_on is not None and fund.credited_on <= target


def _since(difference: Difference, fund: Fund) -> Difference:
    """Return a credit from the day of it on, where that is within the period."""
    day, service = fund.credited_on, difference.service
    if difference.amount_minor > 0 or day is None or day not in service:
        return difference
    return replace(difference, service=Days(day, service.end))


def _families(funds: Sequence[Fund]) -> list[tuple[Fund, list[Fund]]]:
    """Return each fund that was paid for, with those that its units have rolled into since."""
    by_id = {fund.id: fund for fund in funds}
    families: dict[str, list[Fund]] = defaultdict(list)
    for fund in funds:
        root = fund
        while root.origin_fund_id in by_id:
            root = by_id[root.origin_fund_id]
        families[root.id].append(fund)
    return [(fund, families[fund.id]) for fund in funds if fund.id in families]


def _of_charges(
    books: Books, scope: BillingScope, charges: Sequence[RatePlanCharge], so_far: BilledSoFar
) -> Iterator[Due]:
    terms = _terms(books, charges)
    for charge in charges:
        billed = so_far.of_charge(charge.original_id, charge.segment)
        through = max([scope.target, *(one.start for one in billed)])
        currency, bounds = books.currency(charge.currency), terms.get(_whose(charge), ())
        asked = asked_of_charge(charge, through, currency, bounds)
        hands = so_far.by_hand(charge.original_id)
        for one in differences(asked, billed, scope.target, hands):
            yield Due(charge=charge, difference=one)


def _whose(charge: RatePlanCharge) -> str:
    return charge.original_subscription_id


def _terms(books: Books, charges: Sequence[RatePlanCharge]) -> Mapping[str, Sequence[date]]:
    """Return where the terms of subscriptions begin and end, where charges are billed by them."""
    asking = [one for one in charges if plain_word(one.billing_period) == "subscriptionterm"]
    terms: dict[str, list[Term]] = defaultdict(list)
    for some in batches(dict.fromkeys(_whose(one) for one in asking)):
        versions = books.subscriptions.list(original_id=some, deleted=False, order_by=["version"])
        for one in versions:
            terms[one.original_id].append(Term(one.term_start_date, one.term_end_date))
    return {original_id: bounds_of(known) for original_id, known in terms.items()}


def _of_usage(
    books: Books, scope: BillingScope, charges: Sequence[RatePlanCharge], so_far: BilledSoFar
) -> Iterator[Due]:
    """Bill each service period of usage as one, whatever groups it is rated in (U 2.20)."""
    segments = by_segment(charges)
    for some in batches(dict.fromkeys(charge.original_id for charge in charges)):
        periods: dict[tuple[str, int, date], list[RatingResult]] = defaultdict(list)
        order = ["charge_number", "charge_segment", "service_start_date", "id"]
        for rating in books.rating_results.list(charge_id=some, order_by=order):
            key = rating.charge_id, rating.charge_segment, rating.service_start_date
            periods[key].append(rating)
        for (charge_id, segment, _), ratings in periods.items():
            charge = segments.get((charge_id, segment))
            if charge is not None:
                yield from _of_ratings(books, scope, charge, ratings, so_far)


def billed_quantity(books: Books, charge: RatePlanCharge, rating: RatingResult) -> Decimal:
    """Return the usage of a rating result that is billed: of what money pays for, the rest."""
    quantity = max(rating.quantity, ZERO)
    if not charge.is_of_currency:
        return quantity
    period = Days(rating.service_start_date, rating.service_end_date)
    rated = rating_accrual(books, charge, period).value(quantity)
    return uncovered(quantity, rated, rated - rating.amount_minor)


def _of_ratings(
    books: Books,
    scope: BillingScope,
    charge: RatePlanCharge,
    ratings: Sequence[RatingResult],
    so_far: BilledSoFar,
) -> Iterator[Due]:
    service = Days(ratings[0].service_start_date, ratings[0].service_end_date)
    if usage_due(charge, service) > scope.target:
        return
    billed = [
        one
        for one in so_far.of_charge(charge.original_id, charge.segment)
        if one.start == service.start
    ]
    quantity, amount_minor = ZERO, 0
    for rating in ratings:
        quantity = add(quantity, billed_quantity(books, charge, rating))
        amount_minor += rating.amount_minor
    hands = so_far.by_hand(charge.original_id)
    one = rated_difference(
        service,
        quantity,
        amount_minor,
        billed,
        hands,
        is_nothing_billed=books.settings.bill_periods_without_usage and not charge.is_prepaid,
    )
    if one is not None:
        yield Due(charge=charge, difference=one, ratings=tuple(ratings))
