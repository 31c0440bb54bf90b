"""What is done to a subscription by its own path, each of it by an order of its own."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from earned.domain.errors import Missing, RuleBroken
from earned.domain.subscribing import ChargeOverride
from earned.domain.terms import TriggerDates
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Write
from earned.http.routes.subscriptions import RESOURCE, TAG
from earned.http.subscribing import (
    Number,
    Period,
    RenewalSetting,
    SubscribedRatePlan,
    TermType,
    TierPrice,
    length,
)
from earned.http.validation import V1Request, WireDay
from earned.services.add_product import AddProduct
from earned.services.cancel_subscription import CancelSubscription
from earned.services.change_terms import ChangeTerms, LastTerm
from earned.services.order_one import OrderOne, order_one
from earned.services.place_order import OrderAction, Placed
from earned.services.remove_product import NamedPlan, RemoveProduct
from earned.services.renew_subscription import RenewSubscription
from earned.services.update_product import ChargeUpdate, UpdateProduct
from earned.services.work import single


class Renewal(V1Request):
    """The body of a request to renew a subscription; what only billing needs is ignored."""

    order_date: WireDay | None = None


class Cancellation(V1Request):
    """The body of a request to cancel a subscription; what only billing needs is ignored."""

    cancellation_policy: Annotated[str, Field(min_length=1, max_length=50)]
    cancellation_effective_date: WireDay | None = None
    order_date: WireDay | None = None


class PlanChange(V1Request):
    """When a rate plan of a subscription changes."""

    contract_effective_date: WireDay


class AddedPlan(SubscribedRatePlan):
    """A rate plan to add."""

    contract_effective_date: WireDay

    def action(self) -> AddProduct:
        """Return it as an action of an order."""
        triggers = TriggerDates.of(self.contract_effective_date)
        return AddProduct(triggers=triggers, rate_plan=self.chosen())


class RemovedPlan(PlanChange):
    """A rate plan to remove."""

    rate_plan_id: str

    def action(self) -> RemoveProduct:
        """Return it as an action of an order."""
        plan = NamedPlan(rate_plan_id=self.rate_plan_id)
        return RemoveProduct(plan=plan, day=self.contract_effective_date)


class UpdatedCharge(V1Request):
    """What a charge is to cost and to prepay."""

    rate_plan_charge_id: str
    price: Number | None = None
    overage_price: Number | None = None
    included_units: Number | None = None
    quantity: Number | None = None
    prepaid_quantity: Number | None = None
    tiers: list[TierPrice] | None = None

    def update(self) -> ChargeUpdate:
        """Return it as the command has it."""
        terms = self.model_dump(include={"included_units", "prepaid_quantity"}, exclude_none=True)
        override = ChargeOverride(
            terms=terms,
            price=self.price,
            overage_price=self.overage_price,
            quantity=self.quantity,
            tiers=tuple(tier.band() for tier in self.tiers) if self.tiers else None,
        )
        return ChargeUpdate(override=override, charge_id=self.rate_plan_charge_id)


class UpdatedPlan(PlanChange):
    """A rate plan whose charges change."""

    rate_plan_id: str
    specific_update_date: WireDay | None = None
    charge_update_details: list[UpdatedCharge] | None = None

    def action(self) -> UpdateProduct:
        """Return it as an action of an order."""
        return UpdateProduct(
            plan=NamedPlan(rate_plan_id=self.rate_plan_id),
            day=self.specific_update_date or self.contract_effective_date,
            updates=[charge.update() for charge in self.charge_update_details or ()],
        )


class Changes(V1Request):
    """The body of a request to change a subscription: its terms, and its rate plans."""

    auto_renew: bool | None = None
    renewal_setting: RenewalSetting | None = None
    renewal_term: Annotated[int, Field(ge=0, le=36_500)] | None = None
    renewal_term_period_type: Period = "Month"
    term_type: TermType | None = None
    current_term: Annotated[int, Field(ge=1, le=36_500)] | None = None
    current_term_period_type: Period = "Month"
    add: list[AddedPlan] | None = None
    remove: list[RemovedPlan] | None = None
    update: list[UpdatedPlan] | None = None
    change: list[dict[str, Any]] | None = None
    preview: bool | None = None
    order_date: WireDay | None = None

    def actions(self) -> list[OrderAction]:
        """Return what it asks for as actions of an order: terms first. Raises `RuleBroken`."""
        if self.preview or self.change:
            name = "preview" if self.preview else "change"
            raise RuleBroken(f"'{name}' is not supported here: use orders.", field=name)
        plans = (*(self.add or ()), *(self.update or ()), *(self.remove or ()))
        return [*self._terms(), *(plan.action() for plan in plans)]

    def _terms(self) -> list[OrderAction]:
        last = None
        if self.term_type or self.current_term:
            term = length(self.current_term, self.current_term_period_type)
            last = LastTerm(term_type=self.term_type or "TERMED", length=term)
        terms = ChangeTerms(
            last_term=last,
            renewal_term=length(self.renewal_term, self.renewal_term_period_type),
            renewal_setting=self.renewal_setting,
            auto_renew=self.auto_renew,
        )
        return [terms] if terms != ChangeTerms() else []


class SubscriptionUpdated(V1Answer):
    """The new version of a subscription, and the orders that made it."""

    subscription_id: str
    order_numbers: list[str]


class SubscriptionChanged(V1Answer):
    """The new version of a subscription, and the order that made it."""

    subscription_id: str
    order_number: str


def _renew(call: Call) -> OrderOne:
    body: Renewal = call.body
    sent = {"type": "RenewSubscription", "renewSubscription": {}}
    return OrderOne(
        key=call.path["subscription-key"],
        actions=[RenewSubscription()],
        order_date=body.order_date,
        sent=[sent],
    )


def _cancel(call: Call) -> OrderOne:
    body: Cancellation = call.body
    day = body.cancellation_effective_date
    said = {"cancellationPolicy": body.cancellation_policy}
    if day is not None:
        said["cancellationEffectiveDate"] = day.isoformat()
    return OrderOne(
        key=call.path["subscription-key"],
        actions=[CancelSubscription(policy=body.cancellation_policy, day=day)],
        order_date=body.order_date,
        sent=[{"type": "CancelSubscription", "cancelSubscription": said}],
    )


def _change(call: Call) -> OrderOne:
    body: Changes = call.body
    actions = body.actions()
    if not actions:
        raise Missing("'update' may not be null", field="update")
    sent = {"type": "UpdateSubscription", "updateSubscription": dict(call.payload)}
    return OrderOne(
        key=call.path["subscription-key"],
        actions=actions,
        order_date=body.order_date,
        sent=[sent],
    )


def _updated(call: Call, placed: Placed) -> Mapping[str, object]:
    del call
    (version,) = placed.subscriptions
    numbers = [placed.order.number]
    return {"success": True, "subscriptionId": version.id, "orderNumbers": numbers}


def _renewed(call: Call, placed: Placed) -> Mapping[str, object]:
    del call
    (version,) = placed.subscriptions
    return {
        **_changed(placed),
        "termStartDate": version.term_start_date,
        "termEndDate": version.term_end_date,
    }


def _cancelled(call: Call, placed: Placed) -> Mapping[str, object]:
    del call
    (version,) = placed.subscriptions
    return {**_changed(placed), "cancelledDate": version.cancelled_date}


def _changed(placed: Placed) -> Mapping[str, object]:
    (version,) = placed.subscriptions
    return {
        "success": True,
        "subscriptionId": version.id,
        "orderNumber": placed.order.number,
        "accountNumber": placed.account.number,
        "status": placed.order.status,
        "subscriptionNumbers": [version.number],
    }


OPERATIONS = (
    Operation(
        method="PUT",
        path="/v1/subscriptions/{subscription-key}",
        id="updateSubscription",
        tag=TAG,
        summary="Change a subscription: its terms, and rate plans that come, go or change",
        resource=RESOURCE,
        body=Changes,
        answer=SubscriptionUpdated,
        work=Write(single(order_one), _change, _updated),
    ),
    Operation(
        method="PUT",
        path="/v1/subscriptions/{subscription-key}/renew",
        id="renewSubscription",
        tag=TAG,
        summary="Renew a subscription by its renewal terms",
        resource=RESOURCE,
        body=Renewal,
        answer=SubscriptionChanged,
        work=Write(single(order_one), _renew, _renewed),
    ),
    Operation(
        method="PUT",
        path="/v1/subscriptions/{subscription-key}/cancel",
        id="cancelSubscription",
        tag=TAG,
        summary="Cancel a subscription, and credit what was prepaid",
        resource=RESOURCE,
        body=Cancellation,
        answer=SubscriptionChanged,
        work=Write(single(order_one), _cancel, _cancelled),
    ),
)
