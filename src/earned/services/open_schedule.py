"""Open revenue schedules: store them with their first distributions and the items those make."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from earned.domain.accounting import OPEN_ENDED
from earned.domain.prepaid import Fund
from earned.domain.schedule import RevenueItem, RevenueSchedule
from earned.domain.scheduling import BY_DRAWDOWN, FUND_ACTIVATED
from earned.domain.subscription import RatePlanCharge
from earned.services.add_distributions import NewDistribution, add_distributions
from earned.services.ports import Books, NumberKind

Opening = tuple[RevenueSchedule, NewDistribution]
"""A schedule and how its amount lies."""


def open_fund_schedules(
    books: Books, funds: Sequence[tuple[Fund, RatePlanCharge]]
) -> Sequence[RevenueSchedule]:
    """Defer the price of each new fund: a schedule of that amount, all of it in Open-Ended.

    Its Open-Ended amount is the contract liability; collecting takes from it what usage earns. Like
    a schedule made by hand it belongs to the original charge and is numbered in the same sequence.
    """
    numbers = books.next_numbers(NumberKind.REVENUE_SCHEDULE, len(funds))
    codes = {charge.id: codes_of_charge(books, charge) for _, charge in funds}
    rest = _open_ended_id(books)
    made = [
        _of_fund(books, fund, charge, number, codes[charge.id])
        for (fund, charge), number in zip(funds, numbers, strict=True)
    ]
    deferred = [
        NewDistribution(amounts_minor={rest: schedule.amount_minor}, type=FUND_ACTIVATED)
        for schedule in made
    ]
    _store(books, list(zip(made, deferred, strict=True)))
    return made


def _of_fund(
    books: Books, fund: Fund, charge: RatePlanCharge, number: str, codes: Mapping[str, Any]
) -> RevenueSchedule:
    return RevenueSchedule(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number=number,
        account_id=fund.account_id,
        original_subscription_id=charge.original_subscription_id,
        charge_id=charge.original_id,
        amount_minor=fund.funding_price_minor,
        currency=fund.currency,
        rule_name=charge.revenue_recognition_rule_name or BY_DRAWDOWN,
        schedule_date=fund.start_date,
        fund_id=fund.id,
        **codes,
        **books.stamp(),
    )


def open_schedule(
    books: Books, schedule: RevenueSchedule, first: NewDistribution
) -> RevenueSchedule:
    """Store a schedule that has its number, and how its amount lies."""
    _store(books, [(schedule, first)])
    return schedule


def open_together(books: Books, openings: Sequence[Opening]) -> Sequence[str]:
    """Number and store schedules, each with how its amount lies; return their numbers.

    A few statements serve them all.
    """
    if not openings:
        return ()
    numbers = books.next_numbers(NumberKind.REVENUE_SCHEDULE, len(openings))
    numbered = zip(openings, numbers, strict=True)
    _store(books, [(replace(one, number=number), first) for (one, first), number in numbered])
    return numbers


def _store(books: Books, openings: Sequence[Opening]) -> None:
    """Store schedules. A period without an amount gets no item; Open-Ended always has one."""
    books.schedules.add_all([schedule for schedule, _ in openings])
    add_distributions(books, [(schedule, _ranged(schedule, one)) for schedule, one in openings])
    rest = _open_ended_id(books)
    books.items.add_all(
        [
            RevenueItem(
                schedule_id=schedule.id,
                period_id=period_id,
                entity_id=schedule.entity_id,
                amount_minor=minor,
            )
            for schedule, first in openings
            for period_id, minor in {rest: 0, **first.amounts_minor}.items()
            if minor or period_id == rest
        ]
    )


def _ranged(schedule: RevenueSchedule, first: NewDistribution) -> NewDistribution:
    """The first distribution of a schedule is over the range that it remembers."""
    start, end = schedule.recognition_start, schedule.recognition_end
    if start is None:
        return first
    return replace(first, recognition_start=start, recognition_end=end)


def codes_of_charge(books: Books, charge: RatePlanCharge) -> dict[str, Any]:
    """Return the accounting codes of a charge as the four code fields of a schedule."""
    recognized, deferred = charge.recognized_revenue_account, charge.deferred_revenue_account
    return {
        "recognized_code": recognized,
        "recognized_code_type": _type_of(books, recognized),
        "deferred_code": deferred,
        "deferred_code_type": _type_of(books, deferred),
    }


def _type_of(books: Books, code_name: str | None) -> str | None:
    code = books.codes.find(name=code_name) if code_name else None
    return code.code_type if code else None


def _open_ended_id(books: Books) -> str:
    period = books.periods.find(name=OPEN_ENDED)
    assert period is not None, "every entity has its Open-Ended period"
    return period.id
