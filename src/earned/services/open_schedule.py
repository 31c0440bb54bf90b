"""Open a revenue schedule: store it with its first distribution and the items it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earned.domain.accounting import OPEN_ENDED
from earned.domain.prepaid import Fund
from earned.domain.schedule import Distribution, DistributionItem, RevenueItem, RevenueSchedule
from earned.domain.scheduling import BY_DRAWDOWN, FUND_ACTIVATED, DistributionType
from earned.domain.subscription import RatePlanCharge
from earned.domain.tenancy import CustomFields
from earned.services.ports import Books, NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDistribution:
    """How the amount of a new schedule lies: minor units by period id, and what to call that."""

    amounts_minor: Mapping[str, int]
    type: DistributionType
    notes: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def open_fund_schedule(books: Books, fund: Fund, charge: RatePlanCharge) -> RevenueSchedule:
    """Defer the price of a new fund: a schedule of that amount, all of it in Open-Ended.

    Its Open-Ended amount is the contract liability; collecting takes from it what usage earns. Like
    a schedule made by hand it belongs to the original charge and is numbered in the same sequence.
    """
    schedule = RevenueSchedule(
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
    deferred = {_open_ended_id(books): schedule.amount_minor}
    first = FirstDistribution(amounts_minor=deferred, type=FUND_ACTIVATED)
    return open_schedule(books, schedule, first)


def open_schedule(
    books: Books, schedule: RevenueSchedule, first: FirstDistribution
) -> RevenueSchedule:
    """Store a schedule and how its amount lies.

    A period without an amount gets no item; Open-Ended always has one.
    """
    books.schedules.add(schedule)
    distribution = books.distributions.add(
        Distribution(
            id=books.new_id(),
            entity_id=schedule.entity_id,
            number=books.next_number(NumberKind.DISTRIBUTION),
            schedule_id=schedule.id,
            event_type=first.type.label,
            event_type_system_id=first.type.system_id,
            notes=first.notes,
            custom_fields=first.custom_fields,
            **books.stamp(),
        )
    )
    amounts = {period_id: minor for period_id, minor in first.amounts_minor.items() if minor}
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
    books.items.add_all(
        [
            RevenueItem(
                schedule_id=schedule.id,
                period_id=period_id,
                entity_id=schedule.entity_id,
                amount_minor=minor,
            )
            for period_id, minor in {_open_ended_id(books): 0, **amounts}.items()
        ]
    )
    return schedule


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
