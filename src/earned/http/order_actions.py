"""What an order may do to a subscription, as requests say it and as the use case takes it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from earned.domain.errors import Missing, RuleBroken
from earned.domain.subscribing import ChargeOverride
from earned.domain.terms import TriggerDates, TriggerEvent
from earned.http.subscribing import (
    Extended,
    Number,
    OrderedRatePlan,
    Period,
    Pricing,
    RenewalSetting,
    Starting,
    TermType,
    chosen_pricing,
    length,
)
from earned.http.validation import V1Request, WireDay
from earned.services.add_product import AddProduct
from earned.services.cancel_subscription import CancelSubscription
from earned.services.change_terms import ChangeTerms, LastTerm
from earned.services.place_order import OrderAction
from earned.services.remove_product import NamedPlan, RemoveProduct
from earned.services.renew_subscription import RenewSubscription
from earned.services.subscribe import NewSubscription
from earned.services.update_product import ChargeUpdate, UpdateProduct

SubscriptionNumber = Annotated[str, Field(min_length=1, max_length=100)]
Count = Annotated[int, Field(ge=0, le=36_500)]
KINDS = (
    "CreateSubscription",
    "AddProduct",
    "UpdateProduct",
    "RemoveProduct",
    "RenewSubscription",
    "TermsAndConditions",
    "CancelSubscription",
)
_NO_CHANGE = "NoChange"


class TriggerDateBody(V1Request):
    """A day that starts charges."""

    name: Literal["ContractEffective", "ServiceActivation", "CustomerAcceptance"]
    trigger_date: WireDay | None = None


class InitialTerm(V1Request):
    """How long a subscription lasts: a number of periods, or to an end."""

    term_type: TermType
    period: Annotated[int, Field(ge=1, le=36_500)] | None = None
    period_type: Period = "Month"
    start_date: WireDay | None = None
    end_date: WireDay | None = None


class RenewalTerm(V1Request):
    """How long a renewal lasts."""

    period: Count
    period_type: Period = "Month"


class Terms(V1Request):
    """The terms of a subscription; of several renewal terms the first counts."""

    initial_term: InitialTerm
    renewal_terms: list[RenewalTerm] | None = None
    renewal_setting: RenewalSetting = "RENEW_WITH_SPECIFIC_TERM"
    auto_renew: bool = False


class OrderedProduct(OrderedRatePlan):
    """A rate plan, or the rate plans of a product."""

    rate_plan_overrides: list[OrderedRatePlan] | None = None


class CreateSubscriptionBody(V1Request):
    """A subscription to create."""

    terms: Terms
    subscribe_to_rate_plans: list[OrderedRatePlan] | None = None
    subscribe_to_products: list[OrderedProduct] | None = None
    subscription_number: SubscriptionNumber | None = None
    subscription_owner_account_number: str | None = None
    currency: Annotated[str, Field(min_length=3, max_length=3)] | None = None
    notes: Annotated[str, Field(max_length=500)] | None = None

    def plans(self) -> list[OrderedRatePlan]:
        """Return the rate plans it subscribes to, by whichever name they are given."""
        products = self.subscribe_to_products or []
        nested = [plan for product in products for plan in product.rate_plan_overrides or [product]]
        return [*(self.subscribe_to_rate_plans or []), *nested]


class PriceUpdate(Pricing):
    """A new price. Only one that is given counts, none is worked out from the old one."""

    price_change_option: str | None = None


class ChargeUpdateBody(Extended):
    """What a charge is to cost and to prepay, from a day on."""

    charge_number: str | None = None
    product_rate_plan_charge_id: str | None = None
    product_rate_plan_charge_number: str | None = None
    prepaid_quantity: Number | None = None
    pricing: dict[str, PriceUpdate | None] | None = None
    effective_date: Starting | None = None

    def update(self) -> ChargeUpdate:
        """Return it as the command has it."""
        model, pricing = chosen_pricing(self.pricing, PriceUpdate())
        if pricing.price_change_option not in {None, _NO_CHANGE}:
            raise RuleBroken(
                "A price should be given as 'listPrice', not worked out from the one before.",
                field="priceChangeOption",
            )
        terms = pricing.model_dump(include={"included_units", "list_price_base"}, exclude_none=True)
        if self.prepaid_quantity is not None:
            terms["prepaid_quantity"] = self.prepaid_quantity
        override = ChargeOverride(
            product_rate_plan_charge_id=self.product_rate_plan_charge_id,
            product_rate_plan_charge_number=self.product_rate_plan_charge_number,
            terms=terms,
            pricing_model=model,
            **pricing.prices(),
            custom_fields=self.custom,
        )
        starting = self.effective_date or Starting()
        return ChargeUpdate(
            override=override, number=self.charge_number, day=starting.specific_trigger_date
        )


class SubscribedPlan(Extended):
    """A rate plan of a subscription, by its id or where it comes from."""

    rate_plan_id: str | None = None
    product_rate_plan_id: str | None = None
    product_rate_plan_number: str | None = None

    def named(self) -> NamedPlan:
        """Return it as the commands have it."""
        return NamedPlan(
            rate_plan_id=self.rate_plan_id,
            product_rate_plan_id=self.product_rate_plan_id,
            product_rate_plan_number=self.product_rate_plan_number,
        )


class UpdateProductBody(SubscribedPlan):
    """Which charges of a rate plan change."""

    charge_updates: list[ChargeUpdateBody] | None = None
    specific_update_date: WireDay | None = None


class LastTermBody(V1Request):
    """How long the current term is to be; its end is the first day after it."""

    term_type: TermType
    period: Annotated[int, Field(ge=1, le=36_500)] | None = None
    period_type: Period | None = None
    start_date: WireDay | None = None
    end_date: WireDay | None = None

    def last(self) -> LastTerm:
        """Return it as the command has it."""
        return LastTerm(
            term_type=self.term_type,
            length=length(self.period, self.period_type or "Month"),
            start=self.start_date,
            end=self.end_date,
        )


class TermsAndConditionsBody(V1Request):
    """What of the terms is to be different."""

    last_term: LastTermBody | None = None
    renewal_terms: list[RenewalTerm] | None = None
    renewal_setting: RenewalSetting | None = None
    auto_renew: bool | None = None


class CancelSubscriptionBody(V1Request):
    """From when on a subscription is not in force any more."""

    cancellation_policy: Annotated[str, Field(min_length=1, max_length=50)]
    cancellation_effective_date: WireDay | None = None


class Action(Extended):
    """One thing an order does to a subscription."""

    type: str
    trigger_dates: list[TriggerDateBody] | None = None
    create_subscription: CreateSubscriptionBody | None = None
    add_product: OrderedRatePlan | None = None
    update_product: UpdateProductBody | None = None
    remove_product: SubscribedPlan | None = None
    renew_subscription: dict[str, Any] | None = None
    terms_and_conditions: TermsAndConditionsBody | None = None
    cancel_subscription: CancelSubscriptionBody | None = None

    def command(self, item: "OrderedSubscription", order_date: date) -> OrderAction:
        """Return it as the use case takes it. Raises a refusal for what it does not say."""
        make = _COMMANDS.get(self.type)
        if make is None:
            raise RuleBroken(
                f"The order action '{self.type}' is not supported. "
                f"Supported are: {', '.join(KINDS)}",
                field="type",
            )
        return make(self, item, self._triggers(order_date))

    def _triggers(self, order_date: date) -> TriggerDates:
        days: Mapping[str, date | None] = {
            given.name: given.trigger_date for given in self.trigger_dates or ()
        }
        return TriggerDates.of(
            days.get(TriggerEvent.CONTRACT_EFFECTIVE) or order_date,
            days.get(TriggerEvent.SERVICE_ACTIVATION),
            days.get(TriggerEvent.CUSTOMER_ACCEPTANCE),
        )


class OrderedSubscription(Extended):
    """What an order does to one subscription: a new one, or the one with that number."""

    order_actions: Annotated[list[Action], Field(min_length=1)]
    subscription_number: SubscriptionNumber | None = None
    notes: Annotated[str, Field(max_length=500)] | None = None


def _missing(name: str) -> Missing:
    return Missing(f"'{name}' may not be null", field=name)


def _create(action: Action, item: OrderedSubscription, triggers: TriggerDates) -> NewSubscription:
    new = action.create_subscription
    if new is None:
        raise _missing("createSubscription")
    initial, renewals = new.terms.initial_term, new.terms.renewal_terms or []
    return NewSubscription(
        triggers=triggers,
        term_type=initial.term_type,
        number=new.subscription_number or item.subscription_number,
        initial_term=length(initial.period, initial.period_type),
        term_start_date=initial.start_date,
        term_end_date=None if initial.period else initial.end_date,
        renewal_term=length(renewals[0].period, renewals[0].period_type) if renewals else None,
        renewal_setting=new.terms.renewal_setting,
        auto_renew=new.terms.auto_renew,
        currency=new.currency,
        owner_key=new.subscription_owner_account_number,
        notes=new.notes or item.notes,
        rate_plans=[plan.chosen() for plan in new.plans()],
        custom_fields=item.custom,
    )


def _add(action: Action, item: OrderedSubscription, triggers: TriggerDates) -> AddProduct:
    if action.add_product is None:
        raise _missing("addProduct")
    return AddProduct(
        triggers=triggers, rate_plan=action.add_product.chosen(), custom_fields=item.custom
    )


def _update(action: Action, item: OrderedSubscription, triggers: TriggerDates) -> UpdateProduct:
    body = action.update_product
    if body is None:
        raise _missing("updateProduct")
    return UpdateProduct(
        plan=body.named(),
        day=body.specific_update_date or triggers.contract_effective,
        updates=[update.update() for update in body.charge_updates or ()],
        custom_fields=item.custom,
    )


def _remove(action: Action, item: OrderedSubscription, triggers: TriggerDates) -> RemoveProduct:
    if action.remove_product is None:
        raise _missing("removeProduct")
    return RemoveProduct(
        plan=action.remove_product.named(),
        day=triggers.contract_effective,
        custom_fields=item.custom,
    )


def _renew(action: Action, item: OrderedSubscription, triggers: TriggerDates) -> RenewSubscription:
    del action, triggers
    return RenewSubscription(custom_fields=item.custom)


def _terms(action: Action, item: OrderedSubscription, triggers: TriggerDates) -> ChangeTerms:
    body = action.terms_and_conditions
    if body is None:
        raise _missing("termsAndConditions")
    renewals = body.renewal_terms or []
    return ChangeTerms(
        triggers=triggers,
        last_term=body.last_term.last() if body.last_term else None,
        renewal_term=length(renewals[0].period, renewals[0].period_type) if renewals else None,
        renewal_setting=body.renewal_setting,
        auto_renew=body.auto_renew,
        custom_fields=item.custom,
    )


def _cancel(
    action: Action, item: OrderedSubscription, triggers: TriggerDates
) -> CancelSubscription:
    del triggers
    body = action.cancel_subscription
    if body is None:
        raise _missing("cancelSubscription")
    return CancelSubscription(
        policy=body.cancellation_policy,
        day=body.cancellation_effective_date,
        custom_fields=item.custom,
    )


_COMMANDS: Mapping[str, Callable[[Action, OrderedSubscription, TriggerDates], OrderAction]] = dict(
    zip(KINDS, (_create, _add, _update, _remove, _renew, _terms, _cancel), strict=True)
)
