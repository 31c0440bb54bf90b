"""Put rate plans of the catalog on a version of a subscription."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from earned.domain.catalog import ProductRatePlan, ProductRatePlanCharge
from earned.domain.charge import ChargeTerms
from earned.domain.errors import EarnedError, Invalid
from earned.domain.subscribing import (
    ChargeOverride,
    subscribed_quantity,
    subscribed_terms,
    term_fields,
)
from earned.domain.subscription import RatePlan, RatePlanCharge, Subscription
from earned.domain.tenancy import CustomFields
from earned.domain.terms import TriggerDates, end_of
from earned.services.ports import Books, NumberKind
from earned.services.recognition_rules import rule_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPlan:
    """A rate plan of the catalog that is subscribed to, and what is said of its charges."""

    product_rate_plan_id: str | None = None
    product_rate_plan_number: str | None = None
    charge_overrides: Sequence[ChargeOverride] = ()
    custom_fields: CustomFields = field(default_factory=dict)


def add_rate_plans(
    books: Books, subscription: Subscription, chosen: Sequence[ChosenPlan], triggers: TriggerDates
) -> Sequence[RatePlanCharge]:
    """Store the rate plans with all their charges; return the charges, numbered `C-00000001`.

    Raises `Invalid` for a rate plan or charge that is not in the catalog, `RuleBroken` for one that
    cannot be sold so.
    """
    added: list[RatePlanCharge] = []
    for choice in chosen:
        offer = _offer(books, choice)
        plan_id = books.new_id()
        books.rate_plans.add(
            RatePlan(
                id=plan_id,
                entity_id=subscription.entity_id,
                original_id=plan_id,
                subscription_id=subscription.id,
                product_id=offer.product_id,
                product_rate_plan_id=offer.id,
                name=offer.name,
                custom_fields=choice.custom_fields,
                **books.stamp(),
            )
        )
        for offered, override in _overridden(books, offer, choice):
            added.append(_charge(books, subscription, plan_id, offered, override, triggers))
    books.charges.add_all(added)
    return added


def _offer(books: Books, choice: ChosenPlan) -> ProductRatePlan:
    """Return the rate plan that is meant: by id, by number, or by both if they agree."""
    criteria = {"id": choice.product_rate_plan_id, "number": choice.product_rate_plan_number}
    given = {name: value for name, value in criteria.items() if value is not None}
    found = books.product_rate_plans.find(**given) if given else None
    if found is None:
        raise Invalid("'productRatePlanId' value is invalid", field="productRatePlanId")
    return found


def _overridden(
    books: Books, offer: ProductRatePlan, choice: ChosenPlan
) -> Iterator[tuple[ProductRatePlanCharge, ChargeOverride]]:
    """Pair the charges of a rate plan with what the order says of them."""
    charges = books.product_charges.list(product_rate_plan_id=offer.id, order_by=["number"])
    said: Mapping[str, list[ChargeOverride]] = {charge.id: [] for charge in charges}
    for override in choice.charge_overrides:
        meant = [charge.id for charge in charges if override.is_for(charge)]
        if len(meant) != 1 or said[meant[0]]:
            name = "productRatePlanChargeId"
            raise Invalid(f"'{name}' value is invalid", field=name)
        said[meant[0]].append(override)
    for charge in charges:
        yield charge, said[charge.id][0] if said[charge.id] else ChargeOverride()


def _check_rule(books: Books, offered: ChargeTerms, terms: ChargeTerms) -> None:
    """Refuse a recognition rule that an order names instead of the catalog's, as the catalog would.

    Raises `EarnedError`.
    """
    if terms.revenue_recognition_rule_name != offered.revenue_recognition_rule_name:
        problems = list(rule_problems(books, terms, "revenueRecognitionRuleName"))
        if problems:
            raise EarnedError(problems)


def _charge(
    books: Books,
    subscription: Subscription,
    rate_plan_id: str,
    offered: ProductRatePlanCharge,
    override: ChargeOverride,
    triggers: TriggerDates,
) -> RatePlanCharge:
    charge_id = books.new_id()
    terms = subscribed_terms(offered, override, subscription.currency)
    _check_rule(books, offered, terms)
    start = triggers.start_of(terms.trigger_event, override.trigger_date)
    return RatePlanCharge(
        id=charge_id,
        entity_id=subscription.entity_id,
        original_id=charge_id,
        number=books.next_number(NumberKind.CHARGE),
        rate_plan_id=rate_plan_id,
        subscription_id=subscription.id,
        original_subscription_id=subscription.original_id,
        subscription_number=subscription.number,
        account_id=subscription.account_id,
        product_rate_plan_charge_id=offered.id,
        currency=subscription.currency,
        quantity=subscribed_quantity(offered, override),
        effective_start_date=start,
        effective_end_date=end_of(
            terms,
            start,
            term_end=subscription.term_end_date,
            specific=override.specific_end_date,
        ),
        custom_fields=override.custom_fields,
        **term_fields(terms),
        **books.stamp(),
    )
