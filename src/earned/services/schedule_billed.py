"""Make the revenue schedules of what was posted, and take them back when it is canceled (R 2.8)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from earned.domain.billed import Billed, is_scheduled, taken_back
from earned.domain.recognition_rule import RecognitionRule
from earned.domain.recognizing import BilledItem, opening, remembered
from earned.domain.schedule import RevenueSchedule
from earned.domain.scheduling import DistributionType
from earned.domain.slots import slots_of
from earned.domain.subscription import Subscription
from earned.services.add_distributions import NewDistribution
from earned.services.open_schedule import open_together
from earned.services.ports import Books


def schedule_billed(
    books: Books, billed: Iterable[Billed], event: DistributionType
) -> Sequence[str]:
    """Make a schedule for each transaction that is to have one; return their numbers.

    How it lies is the rule's, closed periods left out (R 3.2): the server's own booking, so a
    period that is pending close is open to it.
    """
    due = list(_due(books, billed))
    dates = dates_of(books, [one for one, _ in due])
    slots = slots_of(books.periods.list())
    openings = []
    for (one, rule), item in zip(due, dates, strict=True):
        begun = opening(rule, item, one.amount_minor, books.currency(one.currency), slots)
        schedule = new_schedule(books, one, **begun.remembered)
        first = NewDistribution(amounts_minor=begun.amounts_minor, type=event)
        openings.append((schedule, first))
    return open_together(books, openings)


def _due(books: Books, billed: Iterable[Billed]) -> Iterator[tuple[Billed, RecognitionRule]]:
    """Yield the transactions that are to have a schedule, each with its rule."""
    automation = books.revenue_automation.find()
    for one in billed:
        rule = books.recognition_rules.find(name=one.rule_name) if one.rule_name else None
        if rule is not None and is_scheduled(one, rule, automation):
            yield one, rule


def dates_of(books: Books, billed: Sequence[Billed]) -> Sequence[BilledItem]:
    """Return the dates that the rule of each transaction may count from."""
    ids = {one.original_subscription_id for one in billed if one.original_subscription_id}
    found = books.subscriptions.list(original_id=ids, is_latest=True) if ids else ()
    known = {one.original_id: one for one in found}
    return [_dates(one, known.get(one.original_subscription_id or "")) for one in billed]


def _dates(billed: Billed, subscription: Subscription | None) -> BilledItem:
    if subscription is None:
        return BilledItem(transaction_date=billed.day, service=billed.service)
    return BilledItem(
        transaction_date=billed.day,
        service=billed.service,
        contract_effective_date=subscription.contract_effective_date,
        service_activation_date=subscription.service_activation_date,
        customer_acceptance_date=subscription.customer_acceptance_date,
    )


def new_schedule(books: Books, billed: Billed, **spread: Any) -> RevenueSchedule:  # noqa: ANN401
    """Return the schedule of a transaction, without a number yet; `spread` is to be remembered."""
    assert billed.rule_name is not None, "what has a schedule has a rule"
    return RevenueSchedule(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        number="",
        account_id=billed.account_id,
        original_subscription_id=billed.original_subscription_id,
        charge_id=billed.charge_id,
        product_charge_id=billed.product_charge_id,
        amount_minor=billed.amount_minor,
        currency=billed.currency,
        rule_name=billed.rule_name,
        schedule_date=billed.day,
        linked_type=billed.linked_type,
        linked_id=billed.linked_id,
        linked_number=billed.linked_number,
        recognized_code=billed.recognized_code,
        recognized_code_type=billed.recognized_code_type,
        deferred_code=billed.deferred_code,
        deferred_code_type=billed.deferred_code_type,
        **spread,
        **books.stamp(),
    )


def take_back_schedules(
    books: Books, linked_ids: Sequence[str], event: DistributionType
) -> Sequence[str]:
    """Take back the schedules of transactions that are canceled; return the new ones' numbers.

    A schedule's amount never changes (R10) and a closed period keeps what it holds (R9): another
    schedule, of the opposite amount, brings the open periods to nothing. Neither takes part in new
    accounting periods any more.
    """
    found = books.schedules.list(
        linked_id=set(linked_ids), reverses_id=None, deleted=False, order_by=["number"]
    )
    if not found:
        return ()
    taken = books.schedules.list(id={one.id for one in found}, lock=True, order_by=["id"])
    held = _held(books, taken)
    periods = books.periods.list()
    openings = []
    for schedule in sorted(taken, key=lambda one: one.number):
        back = replace(
            schedule,
            id=books.new_id(),
            amount_minor=-schedule.amount_minor,
            reverses_id=schedule.id,
            notes=None,
            custom_fields={},
            **remembered(None),
            **books.stamp(),
        )
        first = NewDistribution(amounts_minor=taken_back(held[schedule.id], periods), type=event)
        openings.append((back, first))
    books.schedules.update_all([{"id": one.id, **remembered(None)} for one in taken])
    books.touch_schedules([one.id for one in taken])
    return open_together(books, openings)


def _held(books: Books, schedules: Sequence[RevenueSchedule]) -> Mapping[str, Mapping[str, int]]:
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for item in books.items.list(schedule_id={one.id for one in schedules}):
        held[item.schedule_id][item.period_id] = item.amount_minor
    return held
