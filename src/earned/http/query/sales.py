"""Accounts, the catalog, orders and subscriptions, as object queries show them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from earned.domain.exact import multiply
from earned.domain.query import Row, ValueKind
from earned.http.query.fields import (
    STAMPS,
    Derived,
    Field,
    QueryObject,
    contact,
    days,
    derived,
    exacts,
    flags,
    held_tiers,
    keys,
    many,
    one,
    texts,
    unasked,
    wholes,
)


def _contact_id(column: str) -> Derived:
    def contact_id(row: Row) -> object:
        found = row[column]
        return found.get("id") if isinstance(found, Mapping) else None

    return contact_id


def _prepaid_total(bought: str) -> Derived:
    """Show the units prepaid times the quantity bought; a flat fee is bought once (U 1.4)."""

    def prepaid_total(row: Row) -> object:
        prepaid, quantity = row["prepaid_quantity"], row[bought]
        if not isinstance(prepaid, Decimal):
            return None
        is_once = row["charge_model"] == "FlatFee" or not isinstance(quantity, Decimal)
        return prepaid if is_once else multiply(prepaid, cast(Decimal, quantity))

    return prepaid_total


def _charge_of_tier(name: str) -> tuple[Field, ...]:
    """The id of a tier's charge, which is the `id` of the rows that tiers are asked of."""
    return (Field(name=name, column="charge_id", kind=ValueKind.KEY, asked="id"),)


_PREPAID_TERMS = (
    *flags("isPrepaid isRollover fundSupportAccountHierarchy"),
    *texts("prepaidOperationType validityPeriodType creditOption rolloverApply chargeFunction"),
    *texts("breakagePolicy validityPeriodAlignment validityPeriodProrationOption"),
    *days("validityPeriodAnchorDate rolloverEndDate"),
    *texts("rolloverPeriodType rolloverEndDateType"),
    *texts("drawdownUom commitmentType commitmentLevel prorationOption"),
    *texts(drawdownScope="commitment_level", prepaymentUnitType="commitment_type"),
    *exacts("prepaidQuantity drawdownRate expectedBreakageRate"),
    *wholes("rolloverFundPriority"),
    *wholes("rolloverPeriods rolloverPeriodLength drawdownPriority specificValidityPeriodLength"),
)

_REVENUE_TERMS = (
    *texts("accountingCode revenueRecognitionRuleName revRecCode revRecTriggerCondition"),
    *flags(
        excludeItemBookingFromRevenueAccounting="exclude_booking_from_revenue",
        excludeItemBillingFromRevenueAccounting="exclude_billing_from_revenue",
    ),
)

_CHARGE_TERMS = (
    *STAMPS,
    *texts("name description chargeType chargeModel listPriceBase billingPeriod billingTiming"),
    *texts("billingPeriodAlignment billCycleType triggerEvent endDateCondition upToPeriodsType"),
    *texts("ratingGroup", uOM="uom"),
    *exacts("includedUnits"),
    *wholes("specificBillingPeriod billCycleDay upToPeriods"),
    *_PREPAID_TERMS,
    *_REVENUE_TERMS,
)

_TIER = unasked(
    "id currency tier startingUnit endingUnit price priceFormat isOverage includedUnits",
    createdById="created_by",
    createdDate="created_at",
    updatedById="updated_by",
    updatedDate="updated_at",
)

ACCOUNT = QueryObject(
    name="Account",
    path="accounts",
    table="account",
    list_id="queryAccounts",
    key_id="queryAccountByKey",
    number="number",
    fields=(
        *STAMPS,
        *keys("organizationId parentId"),
        *texts("name currency status batch crmId notes paymentTerm"),
        *texts(accountNumber="number", salesRepName="sales_rep"),
        *wholes("billCycleDay"),
        *flags("autoPay rollUpUsage"),
        *derived(billToId=_contact_id("bill_to"), soldToId=_contact_id("sold_to")),
    ),
    links=(
        contact("billTo", "bill_to"),
        contact("soldTo", "sold_to"),
        many("subscriptions", "Subscription", "subscription", "id=account_id"),
        many("usages", "Usage", "usage_record", "id=account_id"),
        many("invoices", "Invoice", "invoice", "id=account_id"),
        many("creditMemos", "CreditMemo", "credit_memo", "id=account_id"),
        many("debitMemos", "DebitMemo", "debit_memo", "id=account_id"),
    ),
)

PRODUCT = QueryObject(
    name="Product",
    path="products",
    table="product",
    list_id="queryProducts",
    key_id="queryProductByKey",
    number="number",
    fields=(
        *STAMPS,
        *texts("name description category", productNumber="number", sKU="sku"),
        *days("effectiveStartDate effectiveEndDate"),
        *flags("allowFeatureChanges"),
    ),
    links=(many("productRatePlans", "ProductRatePlan", "product_rate_plan", "id=product_id"),),
)

PRODUCT_RATE_PLAN = QueryObject(
    name="ProductRatePlan",
    path="product-rate-plans",
    table="product_rate_plan",
    list_id="queryProductRatePlans",
    key_id="queryProductRatePlanByKey",
    number="number",
    fields=(
        *STAMPS,
        *keys("productId"),
        *texts("name description", productRatePlanNumber="number"),
        *days("effectiveStartDate effectiveEndDate"),
    ),
    links=(
        one("product", "Product", "product", "product_id"),
        many(
            "productRatePlanCharges",
            "ProductRatePlanCharge",
            "product_rate_plan_charge",
            "id=product_rate_plan_id",
        ),
    ),
)

PRODUCT_RATE_PLAN_CHARGE = QueryObject(
    name="ProductRatePlanCharge",
    path="product-rate-plan-charges",
    table="product_rate_plan_charge",
    list_id="queryProductRatePlanCharges",
    key_id="queryProductRatePlanChargeByKey",
    number="number",
    fields=(
        *_CHARGE_TERMS,
        *keys("productRatePlanId"),
        *texts("prepaidUom recognizedRevenueAccount deferredRevenueAccount"),
        *texts(productRatePlanChargeNumber="number"),
        *exacts("defaultQuantity"),
        *flags("useDiscountSpecificAccountingCode"),
        *derived(prepaidTotalQuantity=_prepaid_total("default_quantity")),
    ),
    links=(
        one("productRatePlan", "ProductRatePlan", "product_rate_plan", "product_rate_plan_id"),
        held_tiers("productRatePlanChargeTiers", "ProductRatePlanChargeTier"),
    ),
)

PRODUCT_RATE_PLAN_CHARGE_TIER = QueryObject(
    name="ProductRatePlanChargeTier",
    path="product-rate-plan-charge-tiers",
    table="product_rate_plan_charge",
    list_id="queryProductRatePlanChargeTiers",
    key_id="queryProductRatePlanChargeTierByKey",
    custom=False,
    tiers=True,
    fields=(*_TIER, *_charge_of_tier("productRatePlanChargeId")),
    links=(
        one(
            "productRatePlanCharge",
            "ProductRatePlanCharge",
            "product_rate_plan_charge",
            "charge_id",
        ),
    ),
)

ORDER = QueryObject(
    name="Order",
    path="orders",
    table="customer_order",
    list_id="queryOrderss",
    key_id="queryOrdersByKey",
    number="number",
    fields=(
        *STAMPS,
        *keys("accountId"),
        *texts("status category description", orderNumber="number"),
        *days("orderDate"),
    ),
    links=(one("account", "Account", "account", "account_id"),),
)

SUBSCRIPTION = QueryObject(
    name="Subscription",
    path="subscriptions",
    table="subscription",
    list_id="querySubscriptions",
    key_id="querySubscriptionByKey",
    number="number",
    versioned=True,
    fields=(
        *STAMPS,
        *keys("accountId invoiceOwnerId originalId orderId"),
        *texts("status currency termType renewalSetting notes", name="number"),
        *texts("initialTermPeriodType currentTermPeriodType renewalTermPeriodType"),
        *wholes("version initialTerm currentTerm renewalTerm"),
        *flags("autoRenew", isLatestVersion="is_latest"),
        *days("contractEffectiveDate serviceActivationDate termStartDate termEndDate"),
        *days("cancelledDate"),
        *days(contractAcceptanceDate="customer_acceptance_date"),
        *derived(revision=lambda row: f"{row['version']}.0"),
    ),
    links=(
        one("account", "Account", "account", "account_id"),
        one("invoiceOwner", "Account", "account", "invoice_owner_id"),
        one("order", "Order", "customer_order", "order_id"),
        many("ratePlans", "RatePlan", "rate_plan", "id=subscription_id"),
        many(
            "invoiceItems",
            "InvoiceItem",
            "invoice_item",
            "original_id=original_subscription_id",
        ),
    ),
)

RATE_PLAN = QueryObject(
    name="RatePlan",
    path="rate-plans",
    table="rate_plan",
    list_id="queryRatePlans",
    key_id="queryRatePlanByKey",
    fields=(
        *STAMPS,
        *keys("productId productRatePlanId subscriptionId", originalRatePlanId="original_id"),
        *texts("name lastChangeType"),
    ),
    links=(
        one("subscription", "Subscription", "subscription", "subscription_id"),
        one("productRatePlan", "ProductRatePlan", "product_rate_plan", "product_rate_plan_id"),
        many("ratePlanCharges", "RatePlanCharge", "rate_plan_charge", "id=rate_plan_id"),
    ),
)

RATE_PLAN_CHARGE = QueryObject(
    name="RatePlanCharge",
    path="rate-plan-charges",
    table="rate_plan_charge",
    list_id="queryRatePlanCharges",
    key_id="queryRatePlanChargeByKey",
    number="number",
    versioned=True,
    segment="segment",
    fields=(
        *_CHARGE_TERMS,
        *keys("ratePlanId productRatePlanChargeId subscriptionId originalId"),
        *keys(subscriptionOwnerId="account_id"),
        *texts("currency subscriptionNumber", chargeNumber="number", prepaidUOM="prepaid_uom"),
        *wholes("segment version"),
        *exacts("quantity"),
        *days("effectiveStartDate effectiveEndDate"),
        *flags(isLatestVersion="is_latest"),
        *derived(prepaidTotalQuantity=_prepaid_total("quantity")),
    ),
    links=(
        one("ratePlan", "RatePlan", "rate_plan", "rate_plan_id"),
        one(
            "productRatePlanCharge",
            "ProductRatePlanCharge",
            "product_rate_plan_charge",
            "product_rate_plan_charge_id",
        ),
        held_tiers("ratePlanChargeTiers", "RatePlanChargeTier"),
    ),
)

RATE_PLAN_CHARGE_TIER = QueryObject(
    name="RatePlanChargeTier",
    path="rate-plan-charge-tiers",
    table="rate_plan_charge",
    list_id="queryRatePlanChargeTiers",
    key_id="queryRatePlanChargeTierByKey",
    custom=False,
    tiers=True,
    fields=(*_TIER, *_charge_of_tier("ratePlanChargeId")),
    links=(one("ratePlanCharge", "RatePlanCharge", "rate_plan_charge", "charge_id"),),
)

SALES = (
    ACCOUNT,
    PRODUCT,
    PRODUCT_RATE_PLAN,
    PRODUCT_RATE_PLAN_CHARGE,
    PRODUCT_RATE_PLAN_CHARGE_TIER,
    ORDER,
    SUBSCRIPTION,
    RATE_PLAN,
    RATE_PLAN_CHARGE,
    RATE_PLAN_CHARGE_TIER,
)
