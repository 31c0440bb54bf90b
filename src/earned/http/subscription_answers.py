"""A version of a subscription with its rate plans and charges, as the v1 API answers it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from earned.domain.calendar import in_zone
from earned.domain.charge import Tier
from earned.domain.exact import multiply
from earned.domain.funding import quantity_of
from earned.domain.subscription import RatePlan, RatePlanCharge, Subscription
from earned.domain.terms import plain_word
from earned.http.answers import V1Answer
from earned.services.find import account_by_key
from earned.services.ports import Books

_ONE_PRICE = {"FlatFee", "PerUnit", "Delivery"}
# A subscribed charge spells them in another way than the catalog does.
_ENDS = ("Subscription_End", "Fixed_Period", "Specific_End_Date", "One_Time")
_END_SPELLINGS = {plain_word(end): end for end in _ENDS}


class SubscriptionAnswer(V1Answer):
    """A version of a subscription; `termEndDate` is the first day after its term."""

    id: str
    subscription_number: str
    version: int
    is_latest_version: bool
    account_number: str
    term_type: str
    rate_plans: list[dict[str, object]]


class SubscriptionList(V1Answer):
    """A page of subscriptions."""

    subscriptions: list[dict[str, object]]


def present_subscription(books: Books, subscription: Subscription) -> Mapping[str, object]:
    """Return a version of a subscription and all it consists of."""
    charges: dict[str, list[RatePlanCharge]] = {}
    for charge in books.charges.list(
        subscription_id=subscription.id, order_by=["number", "segment"]
    ):
        charges.setdefault(charge.rate_plan_id, []).append(charge)
    plans = books.rate_plans.list(subscription_id=subscription.id, order_by=["original_id"])
    segments = sum(len(found) for found in charges.values())
    return {
        **_accounts(books, subscription),
        **_facts(books, subscription),
        "totalNumberOfChargeSegments": segments,
        "ratePlans": [_rate_plan(books, plan, charges.get(plan.id, ())) for plan in plans],
        **subscription.custom_fields,
    }


def _accounts(books: Books, subscription: Subscription) -> Mapping[str, object]:
    owner = account_by_key(books, subscription.account_id)
    payer = account_by_key(books, subscription.invoice_owner_id)
    return {
        "accountId": owner.id,
        "accountName": owner.name,
        "accountNumber": owner.number,
        "invoiceOwnerAccountId": payer.id,
        "invoiceOwnerAccountName": payer.name,
        "invoiceOwnerAccountNumber": payer.number,
    }


def _facts(books: Books, subscription: Subscription) -> Mapping[str, object]:
    order = books.orders.find(id=subscription.order_id) if subscription.order_id else None
    zone = books.settings.zone
    end = subscription.cancelled_date or subscription.term_end_date
    return {
        "id": subscription.id,
        "originalId": subscription.original_id,
        "subscriptionNumber": subscription.number,
        "version": subscription.version,
        "revision": f"{subscription.version}.0",
        "isLatestVersion": subscription.is_latest,
        "status": _status(books, subscription),
        "currency": subscription.currency,
        "termType": subscription.term_type,
        "initialTerm": subscription.initial_term,
        "initialTermPeriodType": subscription.initial_term_period_type,
        "currentTerm": subscription.current_term or subscription.initial_term,
        "currentTermPeriodType": subscription.current_term_period_type
        or subscription.initial_term_period_type,
        "renewalSetting": subscription.renewal_setting,
        "renewalTerm": subscription.renewal_term,
        "renewalTermPeriodType": subscription.renewal_term_period_type,
        "autoRenew": subscription.auto_renew,
        "termStartDate": subscription.term_start_date,
        "termEndDate": end,
        "subscriptionStartDate": subscription.contract_effective_date,
        "subscriptionEndDate": end,
        "contractEffectiveDate": subscription.contract_effective_date,
        "serviceActivationDate": subscription.service_activation_date,
        "customerAcceptanceDate": subscription.customer_acceptance_date,
        "orderNumber": order and order.number,
        "notes": subscription.notes,
        "createTime": in_zone(subscription.created_at, zone),
        "updateTime": in_zone(subscription.updated_at, zone),
    }


def _status(books: Books, subscription: Subscription) -> str:
    """Return the status; a term that is over and was not renewed has expired."""
    end = subscription.term_end_date
    is_over = end is not None and end <= books.today()
    return "Expired" if is_over and subscription.status == "Active" else subscription.status


def _rate_plan(
    books: Books, plan: RatePlan, charges: Sequence[RatePlanCharge]
) -> Mapping[str, object]:
    product = books.products.find(id=plan.product_id)
    offer = books.product_rate_plans.find(id=plan.product_rate_plan_id)
    last = {charge.original_id: charge.segment for charge in charges}
    return {
        "id": plan.id,
        "originalRatePlanId": plan.original_id,
        "ratePlanName": plan.name,
        "lastChangeType": plan.last_change_type,
        "productId": plan.product_id,
        "productName": product and product.name,
        "productSku": product and product.sku,
        "productRatePlanId": plan.product_rate_plan_id,
        "productRatePlanNumber": offer and offer.number,
        "ratePlanCharges": [
            _charge(books, charge, is_last=charge.segment == last[charge.original_id])
            for charge in charges
        ],
        **plan.custom_fields,
    }


def _charge(books: Books, charge: RatePlanCharge, *, is_last: bool) -> Mapping[str, object]:
    offered = books.product_charges.find(id=charge.product_rate_plan_charge_id)
    return {
        "id": charge.id,
        "originalChargeId": charge.original_id,
        "productRatePlanChargeId": charge.product_rate_plan_charge_id,
        "productRatePlanChargeNumber": offered and offered.number,
        "number": charge.number,
        "name": charge.name,
        "description": charge.description,
        "type": charge.charge_type,
        "model": charge.charge_model,
        "uom": charge.uom,
        "version": charge.version,
        "segment": charge.segment,
        "isLastSegment": is_last,
        "currency": charge.currency,
        "quantity": charge.quantity,
        **_prices(charge),
        **_timing(charge),
        **_prepaid(charge),
        **_revenue(charge),
        **charge.custom_fields,
    }


def _prices(charge: RatePlanCharge) -> Mapping[str, object]:
    first, model = charge.tiers[0], charge.charge_model
    beyond = next((tier for tier in charge.tiers if tier.is_overage), None)
    if model == "Overage":
        beyond = first
    banded = [tier for tier in charge.tiers if not tier.is_overage]
    return {
        "price": first.price if model in _ONE_PRICE else None,
        "overagePrice": beyond and beyond.price,
        "includedUnits": charge.included_units,
        "tiers": None if model in {*_ONE_PRICE, "Overage"} else [_tier(tier) for tier in banded],
        "listPriceBase": charge.list_price_base,
        "ratingGroup": charge.rating_group,
    }


def _tier(tier: Tier) -> Mapping[str, object]:
    return {
        "tier": tier.tier,
        "startingUnit": tier.starting_unit,
        "endingUnit": tier.ending_unit,
        "price": tier.price,
        "priceFormat": tier.price_format,
    }


def _end_condition(charge: RatePlanCharge) -> str | None:
    if charge.charge_type == "OneTime":
        return "One_Time"
    return _END_SPELLINGS.get(plain_word(charge.end_date_condition), charge.end_date_condition)


def _timing(charge: RatePlanCharge) -> Mapping[str, object]:
    return {
        "billingDay": charge.bill_cycle_type,
        "billingPeriod": charge.billing_period,
        "billingPeriodAlignment": charge.billing_period_alignment,
        "billingTiming": charge.billing_timing,
        "specificBillingPeriod": charge.specific_billing_period,
        "triggerEvent": charge.trigger_event,
        "endDateCondition": _end_condition(charge),
        "upToPeriods": charge.up_to_periods,
        "upToPeriodsType": charge.up_to_periods_type,
        "effectiveStartDate": charge.effective_start_date,
        "effectiveEndDate": charge.effective_end_date,
    }


def _prepaid(charge: RatePlanCharge) -> Mapping[str, object]:
    if not charge.is_prepaid:
        return {"isPrepaid": False}
    return {
        "isPrepaid": True,
        "prepaidOperationType": charge.prepaid_operation_type,
        "prepaidQuantity": charge.prepaid_quantity,
        "prepaidTotalQuantity": _total(charge),
        "prepaidUOM": charge.prepaid_uom,
        "validityPeriodType": charge.validity_period_type,
        "validityPeriodAlignment": charge.validity_period_alignment,
        "validityPeriodAnchorDate": charge.validity_period_anchor_date,
        "validityPeriodProrationOption": charge.validity_period_proration_option,
        "specificValidityPeriodLength": charge.specific_validity_period_length,
        "creditOption": charge.credit_option,
        "breakagePolicy": charge.breakage_policy,
        "expectedBreakageRate": charge.expected_breakage_rate,
        "drawdownRate": charge.drawdown_rate,
        "drawdownUom": charge.drawdown_uom,
        "isRollover": charge.is_rollover,
        "rolloverApply": charge.rollover_apply,
        "rolloverPeriods": charge.rollover_periods,
        "rolloverPeriodLength": charge.rollover_period_length,
        "rolloverPeriodType": charge.rollover_period_type,
        "rolloverFundPriority": charge.rollover_fund_priority,
        "rolloverEndDateType": charge.rollover_end_date_type,
        "rolloverEndDate": charge.rollover_end_date,
        "chargeFunction": charge.charge_function,
        "commitmentType": charge.commitment_type,
        "commitmentLevel": charge.commitment_level,
        "drawdownScope": charge.commitment_level,
        "drawdownPriority": charge.drawdown_priority,
        "fundSupportAccountHierarchy": charge.fund_support_account_hierarchy,
        "prorationOption": charge.proration_option,
    }


def _total(charge: RatePlanCharge) -> Decimal | None:
    if charge.prepaid_quantity is None:
        return None
    return multiply(charge.prepaid_quantity, quantity_of(charge))


def _revenue(charge: RatePlanCharge) -> Mapping[str, object]:
    return {
        "accountingCode": charge.accounting_code,
        "deferredRevenueAccount": charge.deferred_revenue_account,
        "recognizedRevenueAccount": charge.recognized_revenue_account,
        "revenueRecognitionRuleName": charge.revenue_recognition_rule_name,
        "revenueRecognitionCode": charge.rev_rec_code,
        "revRecTriggerCondition": charge.rev_rec_trigger_condition,
        "excludeItemBillingFromRevenueAccounting": charge.exclude_billing_from_revenue,
        "excludeItemBookingFromRevenueAccounting": charge.exclude_booking_from_revenue,
    }
