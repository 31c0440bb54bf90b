"""A January that usage has earned in, and nobody has collected: half of funds, half of overage.

Each series has a charge of its own and two days of usage. Written past the use cases, many rows a
statement: it is what the measurements begin with, and not what they measure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from benchmarks.journal import CODES, CURRENCIES, learn, writing
from benchmarks.sold_books import opened, sell
from earned.domain.consumption import EventType, RatingResult, RevenueEvent
from earned.domain.periods import open_ended
from earned.domain.prepaid import Fund
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import BY_DRAWDOWN, FUND_ACTIVATED
from earned.domain.subscription import RatePlanCharge
from earned.services.add_distributions import NewDistribution
from earned.services.create_accounting_code import CreateAccountingCode, create_accounting_code
from earned.services.open_schedule import open_together
from earned.services.ports import Books
from tests.periods import define_months

DEFERRED, UNBILLED = "Deferred", "Unbilled"
JANUARY, TWELVE = "Jan'2026", tuple(range(1, 13))
_CHUNK = 5_000
_DAYS = (date(2026, 1, 10), date(2026, 1, 20))
_PRICE_MINOR = 100_000
_LISTED_AFTER = 1_000


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What the rows of every series look like."""

    prepayment: RatePlanCharge
    drawdown: RatePlanCharge
    fund: Fund
    open_ended_id: str


def prepare(url: str, series: int) -> None:
    """Make books with a year of accounting periods, and the events of so many series."""
    sell(url)
    with opened(url) as application:
        with writing(application) as books:
            define_months(books, 2026, *TWELVE)
            define_codes(books)
            pattern = _pattern(books)
        for places in chunks(series):
            with writing(application) as books:
                _fill(books, pattern, places)
        learn(application)


def chunks(count: int) -> Iterator[Sequence[int]]:
    """Divide the places of a load into what one transaction writes."""
    places = iter(range(count))
    while chunk := list(islice(places, _CHUNK)):
        yield chunk


def define_codes(books: Books) -> None:
    """Define the accounting codes that charges name."""
    named = {DEFERRED: "DeferredRevenue", UNBILLED: "UnbilledReceivables"}
    named |= {revenue_code(place): "SalesRevenue" for place in range(CODES)}
    for name, code_type in named.items():
        create_accounting_code(books, CreateAccountingCode(name=name, code_type=code_type))


def revenue_code(place: int) -> str:
    """Return the name of the revenue code of a charge."""
    return f"Revenue {place % CODES:02}"


def _pattern(books: Books) -> _Pattern:
    charges = {charge.name: charge for charge in books.charges.list()}
    fund = books.funds.list(order_by=["start_date"], limit=1)[0]
    rest = open_ended(books.periods.list()).id
    return _Pattern(charges["Prepayment"], charges["Drawdown"], fund, rest)


def _fill(books: Books, pattern: _Pattern, places: Sequence[int]) -> None:
    prepaid = [_charge(books, pattern.prepayment, place) for place in places if place % 2 == 0]
    used = [_charge(books, pattern.drawdown, place) for place in places if place % 2]
    books.charges.add_all([*prepaid, *used])
    funds = [_fund(books, pattern.fund, charge) for charge in prepaid]
    books.funds.add_all(funds)
    deferred = NewDistribution(
        amounts_minor={pattern.open_ended_id: _PRICE_MINOR}, type=FUND_ACTIVATED
    )
    pairs = zip(funds, prepaid, strict=True)
    open_together(books, [(_schedule(books, *pair), deferred) for pair in pairs])
    ratings = [_rating(books, charge) for charge in used]
    books.rating_results.add_all(ratings)
    books.events.add_all(
        [
            *_events(books, prepaid, [{"fund_id": fund.id} for fund in funds]),
            *_events(books, used, [{"rating_result_id": one.id} for one in ratings]),
        ]
    )


def _charge(books: Books, pattern: RatePlanCharge, place: int) -> RatePlanCharge:
    identity = books.new_id()
    return replace(
        pattern,
        id=identity,
        original_id=identity,
        number=f"C-{place + _LISTED_AFTER:08}",
        currency=CURRENCIES[place % len(CURRENCIES)],
        recognized_revenue_account=revenue_code(place),
        deferred_revenue_account=DEFERRED,
    )


def _fund(books: Books, pattern: Fund, charge: RatePlanCharge) -> Fund:
    return replace(
        pattern,
        id=books.new_id(),
        source_id=charge.original_id,
        charge_number=charge.number,
        currency=charge.currency,
        funding_price_minor=_PRICE_MINOR,
    )


def _schedule(books: Books, fund: Fund, charge: RatePlanCharge) -> RevenueSchedule:
    return RevenueSchedule(
        id=books.new_id(),
        entity_id=fund.entity_id,
        number="",
        account_id=fund.account_id,
        original_subscription_id=charge.original_subscription_id,
        charge_id=charge.original_id,
        amount_minor=_PRICE_MINOR,
        currency=fund.currency,
        rule_name=BY_DRAWDOWN,
        schedule_date=fund.start_date,
        fund_id=fund.id,
        recognized_code=charge.recognized_revenue_account,
        recognized_code_type="SalesRevenue",
        deferred_code=DEFERRED,
        deferred_code_type="DeferredRevenue",
        **books.stamp(),
    )


def _rating(books: Books, charge: RatePlanCharge) -> RatingResult:
    return RatingResult(
        id=books.new_id(),
        entity_id=charge.entity_id,
        account_id=charge.account_id,
        charge_id=charge.original_id,
        charge_number=charge.number,
        charge_segment=charge.segment,
        original_subscription_id=charge.original_subscription_id,
        currency=charge.currency,
        service_start_date=date(2026, 1, 1),
        service_end_date=date(2026, 2, 1),
        quantity=Decimal(50),
        amount_minor=100,
        **books.stamp(),
    )


def _events(
    books: Books, charges: Sequence[RatePlanCharge], sources: Sequence[dict[str, str]]
) -> Iterator[RevenueEvent]:
    for at, (charge, source) in enumerate(zip(charges, sources, strict=True)):
        is_rated = "fund_id" in source
        told: dict[str, Any] = {
            "event_type": EventType.DAILY_RATED_USAGE if is_rated else EventType.UNBILLED_USAGE,
            "recognized_revenue_account": charge.recognized_revenue_account,
            "created_at": books.now,
            "updated_at": books.now,
            **source,
        }
        for day in _DAYS:
            yield RevenueEvent(
                id=books.new_id(),
                entity_id=charge.entity_id,
                account_id=charge.account_id,
                subscription_name=charge.subscription_number,
                charge_id=charge.original_id,
                charge_number=charge.number,
                charge_segment=charge.segment,
                transaction_date=day,
                quantity=Decimal(25),
                amount_minor=40 + at % 20,
                currency=charge.currency,
                unit_price=None,
                **told,
            )
