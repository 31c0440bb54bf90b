"""Prepaid funds, usage and what it becomes, as object queries show them."""

from typing import cast

from earned.domain.import_result import file_path
from earned.domain.query import Row, ValueKind
from earned.http.query.fields import (
    STAMPS,
    Derived,
    Field,
    QueryObject,
    amounts,
    constant,
    days,
    derived,
    exacts,
    flags,
    instants,
    keys,
    last_days,
    one,
    texts,
    wholes,
)

_ACCOUNT = one("account", "Account", "account", "account_id")
_INVOICE_ITEM = one("invoiceItem", "InvoiceItem", "invoice_item", "invoice_item_id")
_BALANCE = one("prepaidBalance", "PrepaidBalance", "prepaid_balance", "prepaid_balance_id")
_SUBSCRIPTION = ("subscription", "original_subscription_id=original_id")

# Columns refer to original charges and subscriptions; their rows are those of the latest version.
_CHARGE = ("RatePlanCharge", "rate_plan_charge")


def _of_fund(column: str) -> Derived:
    """Show the drawdown charge for fund rows only: in the others it is the charge itself."""
    return lambda row: row[column] if row["fund_id"] else None


def _done(row: Row) -> object:
    """0 or 1 on the wire, unlike any other flag (U 1.7)."""
    return int(bool(row["done"]))


def _price(row: Row) -> object:
    """Show what a fund costs now: less what was credited, and what rolled on with its units."""
    left = cast(int, row["funding_price_minor"]) - cast(int, row["credited_minor"])
    return left - cast(int, row["rolled_minor"])


def _of_rolled(column: str) -> Derived:
    """Show the days of a fund that units rolled into."""
    return lambda row: row[column] if row["rollover_count"] else None


PREPAID_BALANCE = QueryObject(
    name="PrepaidBalance",
    path="prepaid-balances",
    table="prepaid_balance",
    list_id="queryPrepaidBalances",
    key_id="queryPrepaidBalanceByKey",
    custom=False,
    fields=(
        *STAMPS,
        *keys("accountId", origSubscriptionId="original_subscription_id"),
        *texts("name scope", uOM="uom", prepaidBalanceState="state"),
        *exacts("totalFund balance"),
        *days("startDate endDate"),
    ),
    links=(
        _ACCOUNT,
        one("origSubscription", "Subscription", *_SUBSCRIPTION, latest=True),
    ),
)

PREPAID_BALANCE_FUND = QueryObject(
    name="PrepaidBalanceFund",
    path="prepaid-balance-funds",
    table="fund",
    list_id="queryPrepaidBalanceFunds",
    key_id="queryPrepaidBalanceFundByKey",
    custom=False,
    fields=(
        *STAMPS,
        *keys("accountId prepaidBalanceId sourceId originFundId"),
        *keys(vpSummaryId="validity_period_summary_id"),
        *texts("currency chargeNumber breakagePolicy", rolloverApplyOption="rollover_apply"),
        *texts(drawdownScope="scope"),
        *flags(fundSupportAccountHierarchy="supports_hierarchy"),
        *exacts("balance fundedBalance rolledOver rolledBack expired depleted"),
        *exacts("expectedBreakageRate"),
        Field(name="fundingPrice", kind=ValueKind.AMOUNT, derived=_price),
        *amounts(originalFundingPrice="funding_price_minor", creditedAmount="credited_minor"),
        *amounts(rolledAmount="rolled_minor"),
        *wholes("priority rolloverCount", chargeSegmentNumber="charge_segment"),
        *days("startDate endDate", expiredDate="expired_on", creditedDate="credited_on"),
        *derived(fundSourceType=constant("CHARGE"), done=_done),
        *derived(
            rolloverValidityPeriodStartDate=_of_rolled("start_date"),
            rolloverValidityPeriodEndDate=_of_rolled("end_date"),
        ),
    ),
    links=(
        _ACCOUNT,
        _BALANCE,
        one("source", *_CHARGE, "source_id=original_id", "charge_segment=segment", latest=True),
        one(
            "vpSummary",
            "ValidityPeriodSummary",
            "validity_period_summary",
            "validity_period_summary_id",
        ),
    ),
)

PREPAID_BALANCE_TRANSACTION = QueryObject(
    name="PrepaidBalanceTransaction",
    path="prepaid-balance-transactions",
    table="balance_transaction",
    list_id="queryPrepaidBalanceTransactions",
    key_id="queryPrepaidBalanceTransactionByKey",
    custom=False,
    fields=(
        # A transaction never changes: it was updated when it was created.
        *keys(id="id", createdById="created_by", updatedById="created_by"),
        *instants(createdDate="created_at", updatedDate="created_at"),
        *keys("accountId prepaidBalanceId fundId sourceId usageId"),
        *keys(drawdownOriginalChargeId="drawdown_charge_id"),
        *texts("usageUom", transactionSourceType="source_type"),
        *texts(prepaidBalanceTransactionType="transaction_type"),
        *texts("drawdownChargeNumber"),
        *exacts("amount balance drawdownRate"),
        *wholes("sequence drawdownChargeSegment"),
        *days("transactionDate"),
    ),
    links=(_ACCOUNT, _BALANCE, one("fund", "PrepaidBalanceFund", "fund", "fund_id")),
)

VALIDITY_PERIOD_SUMMARY = QueryObject(
    name="ValidityPeriodSummary",
    path="validity-period-summaries",
    table="validity_period_summary",
    list_id="queryValidityPeriodSummarys",
    key_id="queryValidityPeriodSummaryByKey",
    custom=False,
    fields=(
        *STAMPS,
        *keys("accountId prepaidBalanceId"),
        *texts("accountNumber subscriptionNumber uom billingTiming"),
        *exacts("totalBalance remainingBalance"),
        *days("startDate endDate"),
    ),
    links=(_ACCOUNT, _BALANCE),
)

USAGE = QueryObject(
    name="Usage",
    path="usages",
    table="usage_record",
    list_id="queryUsages",
    key_id="queryUsageByKey",
    fields=(
        *STAMPS,
        *keys("accountId subscriptionId importId", ratePlanChargeId="charge_id"),
        *texts("accountNumber subscriptionNumber chargeNumber rbeStatus sourceType"),
        *texts("description uniqueKey fileName", uOM="uom"),
        *exacts("quantity"),
        *instants("startDateTime endDateTime", submissionDateTime="updated_at"),
    ),
    links=(_ACCOUNT, one("import", "Import", "usage_import", "import_id")),
)


def _file(identity: object) -> str | None:
    return file_path(str(identity)) if identity else None


IMPORT = QueryObject(
    name="Import",
    path="imports",
    table="usage_import",
    list_id="queryImports",
    key_id="queryImportByKey",
    custom=False,
    fields=(
        *STAMPS,
        *texts("name fileName md5 status statusReason"),
        *wholes("size totalCount importedCount"),
        *derived(
            importType=constant("Usage"),
            originalResourceUrl=lambda row: _file(row["id"] if row["is_kept"] else None),
            resultResourceUrl=lambda row: _file(row["result_id"]),
        ),
    ),
)

GUIDED_USAGE = QueryObject(
    name="GuidedUsage",
    path="guided-usages",
    table="guided_usage",
    list_id="queryGuidedUsages",
    key_id="queryGuidedUsageByKey",
    custom=False,
    fields=(
        *STAMPS,
        *keys("usageId accountId", ratePlanChargeId="charge_id"),
        *keys(subscriptionId="original_subscription_id"),
        *texts("chargeNumber status", uOM="uom"),
        *exacts("quantity", drawdownRemainingQuantity="remaining_quantity"),
        *wholes(chargeSegmentNumber="charge_segment"),
        *days("usageDate"),
    ),
    links=(_ACCOUNT, one("usage", "Usage", "usage_record", "usage_id")),
)

RATING_RESULT = QueryObject(
    name="RatingResult",
    path="rating-results",
    table="rating_result",
    list_id="queryRatingResults",
    key_id="queryRatingResultByKey",
    custom=False,
    fields=(
        # Unlike all others it says createdByID.
        *keys(id="id", createdByID="created_by", updatedByID="updated_by"),
        *instants(createdDate="created_at", updatedDate="updated_at"),
        *keys("accountId", ratePlanChargeId="charge_id"),
        *keys("invoiceItemId", subscriptionId="original_subscription_id"),
        *texts("chargeNumber currency status"),
        *exacts("quantity"),
        *amounts(amount="amount_minor"),
        *wholes(chargeSegmentNumber="charge_segment"),
        *days("serviceStartDate"),
        *last_days(serviceEndDate="service_end_date"),
    ),
    links=(
        _ACCOUNT,
        one(
            "ratePlanCharge",
            *_CHARGE,
            "charge_id=original_id",
            "charge_segment=segment",
            latest=True,
        ),
        one("subscription", "Subscription", *_SUBSCRIPTION, latest=True),
        _INVOICE_ITEM,
    ),
)

PROCESSED_USAGE = QueryObject(
    name="ProcessedUsage",
    path="processed-usages",
    table="processed_usage",
    list_id="queryProcessedUsages",
    key_id="queryProcessedUsageByKey",
    custom=False,
    fields=(
        *STAMPS,
        *keys("accountId usageId invoiceItemId creditMemoItemId"),
        *keys(ratePlanChargeId="charge_id", guidedUsageId="guided_id"),
        *texts("currency"),
        *exacts("quantity"),
        *amounts(amount="amount_minor"),
        *days("billingPeriodStartDate"),
        *last_days(billingPeriodEndDate="billing_period_end_date"),
    ),
    links=(
        _ACCOUNT,
        one("usage", "Usage", "usage_record", "usage_id"),
        _INVOICE_ITEM,
        one("creditMemoItem", "CreditMemoItem", "credit_memo_item", "credit_memo_item_id"),
    ),
)

DAILY_CONSUMPTION_SUMMARY = QueryObject(
    name="DailyConsumptionSummary",
    path="daily-consumption-summaries",
    table="daily_consumption",
    list_id="queryDailyConsumptionSummarys",
    key_id="queryDailyConsumptionSummaryByKey",
    custom=False,
    fields=(
        *keys("id accountId fundId ratingResultId", originChargeId="charge_id"),
        *instants(createdDate="created_at", updatedDate="updated_at"),
        *texts("currency ending usageChargeName usageChargeNumber"),
        *texts(drawdownRecognizedRevenueGlAccountNumber="recognized_revenue_account"),
        *texts(drawdownAdjustmentRevenueGlAccountNumber="adjustment_revenue_account"),
        *exacts(dailyTotalQuantity="quantity"),
        *amounts(dailyConsumptionAmount="amount_minor"),
        *wholes(chargeSegmentNumber="charge_segment"),
        *days("transactionDate"),
        *derived(
            drawdownOriginChargeId=_of_fund("usage_charge_id"),
            drawdownChargeSegmentNumber=_of_fund("usage_charge_segment"),
        ),
    ),
)

REVENUE_EVENT = QueryObject(
    name="RevenueRecognitionEvent",
    path="revenue-recognition-events",
    table="revenue_event",
    list_id="queryRevenueRecognitionEvents",
    key_id="queryRevenueRecognitionEventByKey",
    custom=False,
    fields=(
        *keys("id accountId entityId fundId ratingResultId"),
        *keys(originalRatePlanChargeId="charge_id", drawdownOriginalChargeId="usage_charge_id"),
        *instants(createdDate="created_at", updatedDate="updated_at"),
        *texts("subscriptionName chargeNumber currency usageChargeName usageChargeNumber"),
        *texts("regenerateFlag", type="event_type"),
        *texts(dDRecognizedRevGlAccNumber="recognized_revenue_account"),
        *texts(dDAdjustmentRevGlAccNumber="adjustment_revenue_account"),
        *exacts("unitPrice", dailyQuantity="quantity"),
        *amounts(dailyAmount="amount_minor", collectedAmount="collected_minor"),
        *wholes("chargeSegment", drawdownChargeSegment="usage_charge_segment"),
        *days("transactionDate fundStartDate fundEndDate"),
        *flags(
            excludeItemBookingFromRevenueAccounting="exclude_booking_from_revenue",
            excludeItemBillingFromRevenueAccounting="exclude_billing_from_revenue",
        ),
    ),
    links=(_ACCOUNT, one("fund", "PrepaidBalanceFund", "fund", "fund_id")),
)

# The address may hold a secret of its own, so neither is shown here.
THRESHOLD = QueryObject(
    name="Threshold",
    path="thresholds",
    table="threshold",
    list_id="queryThresholds",
    key_id="queryThresholdByKey",
    custom=False,
    fields=(*STAMPS, *texts("name mode uom"), *exacts("value"), *flags("active")),
)

NOTIFICATION = QueryObject(
    name="Notification",
    path="notifications",
    table="notification",
    list_id="queryNotifications",
    key_id="queryNotificationByKey",
    custom=False,
    fields=(
        *keys("id accountId thresholdId", validityPeriodId="validity_period_summary_id"),
        *texts("state lastError"),
        *exacts("totalBalance remainingBalance"),
        *wholes("attempts lastStatus"),
        *instants(createdDate="created_at", deliveredDate="delivered_at"),
        *instants(nextAttemptDate="next_attempt_at"),
    ),
    links=(
        _ACCOUNT,
        one("threshold", "Threshold", "threshold", "threshold_id"),
        one(
            "validityPeriod",
            "ValidityPeriodSummary",
            "validity_period_summary",
            "validity_period_summary_id",
        ),
    ),
)

CONSUMPTION = (
    PREPAID_BALANCE,
    PREPAID_BALANCE_FUND,
    PREPAID_BALANCE_TRANSACTION,
    VALIDITY_PERIOD_SUMMARY,
    USAGE,
    IMPORT,
    GUIDED_USAGE,
    RATING_RESULT,
    PROCESSED_USAGE,
    DAILY_CONSUMPTION_SUMMARY,
    REVENUE_EVENT,
    THRESHOLD,
    NOTIFICATION,
)
