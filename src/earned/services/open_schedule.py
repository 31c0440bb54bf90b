"""Open the revenue schedule that the books keep for a prepaid fund (design 2)."""

from collections.abc import Mapping
from typing import Any

from earned.domain.accounting import OPEN_ENDED
from earned.domain.prepaid import Fund
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.domain.scheduling import BY_DRAWDOWN, FUND_ACTIVATED
from earned.domain.subscription import RatePlanCharge
from earned.services.ports import Books, NumberKind


def open_fund_schedule(books: Books, fund: Fund, charge: RatePlanCharge) -> RevenueSchedule:
    """Defer the price of a new fund: a schedule of that amount, all of it in Open-Ended.

    Its Open-Ended amount is the contract liability; collecting takes from it what usage earns. Like
    a schedule made by hand it belongs to the original charge and is numbered in the same sequence.
    """
    schedule = books.schedules.add(
        RevenueSchedule(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=books.next_number(NumberKind.REVENUE_SCHEDULE),
            account_id=fund.account_id,
            original_subscription_id=charge.original_subscription_id,
            charge_id=charge.original_id,
            amount_minor=fund.funding_price_minor,
            currency=fund.currency,
            rule_name=charge.revenue_recognition_rule_name or BY_DRAWDOWN,
            schedule_date=fund.start_date,
            fund_id=fund.id,
            **codes_of_charge(books, charge),
            **books.stamp(),
        )
    )
    distribution = books.distributions.add(
        Distribution(
            id=books.new_id(),
            entity_id=schedule.entity_id,
            number=books.next_number(NumberKind.DISTRIBUTION),
            schedule_id=schedule.id,
            event_type=FUND_ACTIVATED.label,
            event_type_system_id=FUND_ACTIVATED.system_id,
            **books.stamp(),
        )
    )
    put_amounts(books, schedule, distribution, {_open_ended_id(books): schedule.amount_minor})
    return schedule


def put_amounts(
    books: Books,
    schedule: RevenueSchedule,
    distribution: Distribution,
    amounts_minor: Mapping[str, int],
) -> None:
    """Store the first items of a schedule and what they come from: amounts by period id.

    A period without an amount gets no item; Open-Ended always has one.
    """
    amounts = {period_id: minor for period_id, minor in amounts_minor.items() if minor}
    books.distribution_items.add_all(
        [
            DistributionItem(
                distribution_id=distribution.id,
                period_id=period_id,
                entity_id=schedule.entity_id,
                amount_minor=minor,
            )
            for period_id, minor in amounts.items()
        ]
    )
    held = {_open_ended_id(books): 0, **amounts}
    books.items.add_all(
        [
            RevenueItem(
                schedule_id=schedule.id,
                period_id=period_id,
                entity_id=schedule.entity_id,
                amount_minor=minor,
            )
            for period_id, minor in held.items()
        ]
    )


def codes_of_charge(books: Books, charge: RatePlanCharge) -> Mapping[str, Any]:
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
