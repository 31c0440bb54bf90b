"""Update charges of a rate plan: from a day on they are other segments (U 2.4, U 2.10)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from earned.domain.errors import Invalid, Missing, NotFound, RuleBroken
from earned.domain.funding import PlannedFund
from earned.domain.prepaid import Fund
from earned.domain.subscribing import ChargeOverride, updated_charge
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.domain.tenancy import CustomFields
from earned.services.activate_funds import planned_funds
from earned.services.add_product import refuse_outside_term
from earned.services.adjust_fund import AdjustFund, adjust_fund
from earned.services.amendment import Amendment
from earned.services.new_version import new_version, refuse_inactive
from earned.services.ports import Books
from earned.services.redraw import redraw
from earned.services.remove_product import NamedPlan, copy_of, plan_to_change
from earned.services.reverse_draws import balances_near
from earned.services.see_periods import refuse_closed_creation

FIRST_DAY = "A prepayment charge can be updated only on the first day of a validity period."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeUpdate:
    """What a charge is to cost and to prepay, from a day on (None: that of the action).

    The charge is named by its number, by the id of any version of it, or by where it comes from.
    """

    override: ChargeOverride
    number: str | None = None
    charge_id: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProduct:
    """Which rate plan, which of its charges, and from when on."""

    plan: NamedPlan
    day: date
    updates: Sequence[ChargeUpdate] = ()
    custom_fields: CustomFields = field(default_factory=dict)


def update_product(
    books: Books, subscription: Subscription, command: UpdateProduct, amendment: Amendment
) -> Subscription:
    """Make a new version of a subscription with new segments of charges; return it.

    Funds that begin with the new segment or later belong to it, and hold and cost what it says.
    Raises a refusal if the subscription is not active, for a plan or charge that it has not or that
    was removed, for what cannot be updated, for a day that is out of its term, is before a segment
    that is there, is in a closed period that the entity keeps changes out of, or is no first day of
    a validity period.
    """
    refuse_inactive(subscription)
    plan = plan_to_change(books, subscription, command.plan)
    if not command.updates:
        raise Missing("'chargeUpdates' may not be null", field="chargeUpdates")
    custom = {**subscription.custom_fields, **command.custom_fields}
    version = new_version(books, subscription, amendment.order_id, custom_fields=custom)
    copy = copy_of(books, version, plan)
    books.rate_plans.change(copy, last_change_type="Update")
    for update in command.updates:
        day = update.day or command.day
        refuse_outside_term(version, day)
        refuse_closed_creation(books, day, field="triggerDate", label="contract effective date")
        charge = _charge_of(books, copy.id, update)
        segment = _new_segment(books, charge, update.override, day)
        if segment.is_topup:
            _adjust(books, version, segment, amendment)
    return version


def _charge_of(books: Books, plan_id: str, update: ChargeUpdate) -> RatePlanCharge:
    """Return the segment of the charge that is meant that was effective last.

    Raises `Invalid` or `NotFound`.
    """
    segments = books.charges.list(rate_plan_id=plan_id, order_by=["segment"])
    offered = {
        charge.id: charge
        for charge in books.product_charges.list(
            id=[segment.product_rate_plan_charge_id for segment in segments]
        )
    }
    known = books.charges.find(id=update.charge_id) if update.charge_id else None
    if update.charge_id:
        original = known.original_id if known else update.charge_id
        meant = [one for one in segments if one.original_id == original]
    elif update.number:
        meant = [one for one in segments if one.number == update.number]
    else:
        meant = [
            one
            for one in segments
            if update.override.is_for(offered[one.product_rate_plan_charge_id])
        ]
    if len({one.original_id for one in meant}) > 1:
        raise Invalid("'chargeNumber' value is invalid", field="chargeNumber")
    if not meant:
        raise NotFound.by_key(
            update.charge_id
            or update.number
            or str(update.override.product_rate_plan_charge_id or "chargeNumber")
        )
    return max(meant, key=lambda one: (len(one.days) > 0, one.segment))


def _new_segment(
    books: Books, charge: RatePlanCharge, override: ChargeOverride, day: date
) -> RatePlanCharge:
    """End the last segment of a charge before `day`, and store the next one; return that."""
    if not charge.covers(day):
        raise RuleBroken(
            f"The last segment of charge {charge.number} is not effective on {day}.",
            field="specificUpdateDate",
        )
    known = books.charges.list(original_id=charge.original_id, order_by=["-segment"], limit=1)
    segment = replace(
        updated_charge(charge, override),
        id=books.new_id(),
        segment=known[0].segment + 1,
        version=1,
        effective_start_date=day,
        original_start_date=charge.began_on,
        **books.stamp(),
    )
    ended = replace(charge, effective_end_date=day, version=charge.version + 1)
    books.charges.save_all([ended])
    return books.charges.add(segment)


def _adjust(
    books: Books, version: Subscription, segment: RatePlanCharge, amendment: Amendment
) -> None:
    """Adjust the funds that a new segment has taken over from the one before it."""
    books = books.entire
    found = books.funds.list(source_id=segment.original_id, order_by=["start_date", "id"])
    funds = [
        fund
        for fund in found
        if segment.covers(fund.start_date)
        and fund.origin_fund_id is None
        and fund.credited_on is None
    ]
    planned = _planned(books, version, segment, funds)
    if segment.effective_start_date not in {fund.start_date for fund, _ in planned}:
        raise RuleBroken(FIRST_DAY, field="specificUpdateDate")
    again: set[str] = set()
    for fund, plan in planned:
        amendment.adjust(fund)
        command = AdjustFund(
            fund_id=fund.id,
            units=plan.units,
            price_minor=plan.price_minor,
            segment=segment.segment,
        )
        again |= set(adjust_fund(books, command)[1])
    if again:
        redraw(books, balances_near(books, sorted(again)), only=again)


def _planned(
    books: Books, version: Subscription, segment: RatePlanCharge, funds: Sequence[Fund]
) -> Sequence[tuple[Fund, PlannedFund]]:
    """Return the funds of a segment with what each is to be, by the term that it was made for.

    A term before the current one may have other validity periods, and another length to pay for.
    """
    versions = books.subscriptions.list(
        original_id=version.original_id, deleted=False, order_by=["-version"]
    )
    found = []
    for fund in funds:
        terms = [one for one in versions if fund.start_date in one.term] or versions[-1:]
        plans = (plan for one in terms if (plan := _plan(books, one, segment, fund)))
        if plan := next(plans, None):
            found.append((fund, plan))
    return found


def _plan(
    books: Books, version: Subscription, segment: RatePlanCharge, fund: Fund
) -> PlannedFund | None:
    """Return what a segment has on the days of a fund, None if those are no validity period."""
    within = replace(
        segment,
        effective_start_date=fund.start_date,
        effective_end_date=fund.end_date,
        original_start_date=segment.began_on,
    )
    try:
        plans = planned_funds(books, version, within, fund.start_date)
    except RuleBroken:
        if version.is_latest:
            raise
        return None
    return plans[0] if len(plans) == 1 else None
