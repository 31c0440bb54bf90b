"""Books with something of everything in them, and a sound request for every operation on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from earned.domain.account import Account
from tests import builders
from tests.api import Api
from tests.http.document_samples import documents
from tests.periods import define_months

CONTACT = {"firstName": "Ada", "lastName": "Ames"}
TERMS = {
    "initialTerm": {"period": 12, "periodType": "Month", "termType": "TERMED"},
    "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
    "renewalTerms": [{"period": 12, "periodType": "Month"}],
    "autoRenew": False,
}
RULES = {"id": "1", "method": "GET", "url": "/accounting-rules", "body": {}, "children": []}
TIERS = {
    "ProductRatePlanChargeTier": [
        {"Currency": "USD", "StartingUnit": 0, "EndingUnit": 10, "Price": "1.5"},
        {"Currency": "USD", "StartingUnit": 11, "Price": 1},
    ]
}


OVER_RANGE = {
    "recognitionStart": "2026-01-15",
    "recognitionEnd": "2026-06-14",
    "distributionType": "Daily Distribution",
    "eventTypeSystemId": "Mine",
    "notes": "x",
}


@dataclass(frozen=True)
class Request:
    """What to send: the key in the path, if there is one, and the body."""

    key: str = "unknown"
    body: Mapping[str, Any] | None = None


def fill(api: Api) -> tuple[Mapping[str, Request], list[str]]:
    """Fill the books; return a request for each operation, and every id and number there is."""
    with builders.writing(api) as books:
        customer = builders.account(books)
        plan = builders.prepaid_plan(books)
        project = builders.rate_plan(books, "Project")
        builders.unlimited_charge(books, project)
        sold = builders.sell(books, customer, plan, project)
        define_months(books, 2026, 1, 2)
        unit = builders.unit(books, "Spare")
        keys = [customer.id, customer.number, plan.id, plan.product_id, unit.id, "Token"]
        keys += [sold.subscription.id, sold.subscription.number]
        keys += [charge.original_id for charge in sold.charges]
        keys += [fund.id for fund in sold.funds[:2]]
    requests = {
        **_catalog(api, unit.id),
        **_accounting(api, sold),
        **_revenue(api, sold),
        **_recognition(api, sold),
        **_journal(api),
        **{name: Request(*sample) for name, sample in documents(api, sold).items()},
        **_sales(customer, plan.id),
        **_usage(api, customer, sold),
        **_actions(api, customer),
    }
    return requests, [*keys, *(request.key for request in requests.values())]


def _catalog(api: Api, unit_id: str) -> dict[str, Request]:
    product_body = {
        "Name": "P",
        "EffectiveStartDate": "2026-01-01",
        "EffectiveEndDate": "2030-01-01",
        "Description": "x",
    }
    product = api.made("/v1/object/product", product_body)["Id"]
    plan_body = {"Name": "R", "ProductId": product, "EffectiveStartDate": "2026-01-01"}
    plan = api.made("/v1/object/product-rate-plan", plan_body)["Id"]
    charge_body = {
        "ProductRatePlanId": plan,
        "Name": "C",
        "ChargeModel": "Tiered Pricing",
        "ChargeType": "Usage",
        "UOM": "Token",
        "BillCycleType": "DefaultFromCustomer",
        "BillingPeriod": "Month",
        "TriggerEvent": "ContractEffective",
        "UseDiscountSpecificAccountingCode": False,
        "ProductRatePlanChargeTierData": TIERS,
    }
    charge = api.made("/v1/object/product-rate-plan-charge", charge_body)["Id"]
    unit_body = {
        "UomName": "U",
        "DisplayedAs": "U",
        "DecimalPlaces": 2,
        "RoundingMode": "Up",
        "Active": True,
    }
    return {
        "createUnitOfMeasure": Request(body=unit_body),
        "updateUnitOfMeasure": Request(unit_id, {**unit_body, "UomName": "Other"}),
        "createProduct": Request(body=product_body),
        "updateProduct": Request(product, product_body),
        "createProductRatePlan": Request(body={**plan_body, "Name": "Another"}),
        "updateProductRatePlan": Request(plan, plan_body),
        "createProductRatePlanCharge": Request(body=charge_body),
        "updateProductRatePlanCharge": Request(charge, charge_body),
        "deleteUnitOfMeasure": Request(unit_id),
        "deleteProduct": Request(product),
        "deleteProductRatePlan": Request(plan),
        "deleteProductRatePlanCharge": Request(charge),
    }


def _accounting(api: Api, sold: builders.Sold) -> dict[str, Request]:
    code_body = {"name": "Cash", "type": "Cash", "glAccountName": "1000", "notes": "x"}
    code = api.made("/v1/accounting-codes", code_body)["id"]
    march = {
        "name": "March",
        "startDate": "2026-03-01",
        "endDate": "2026-03-31",
        "fiscalYear": 2026,
        "fiscalQuarter": 1,
    }
    period = api.made("/v1/accounting-periods", march)["id"]
    april = {**march, "name": "April", "startDate": "2026-04-01", "endDate": "2026-04-30"}
    schedule = {
        "amount": "300",
        "revenueScheduleDate": "2026-01-01",
        "referenceId": "x",
        "notes": "x",
        "overrideChargeAccountingCodes": False,
        "revenueDistributions": [
            {"accountingPeriodName": "Jan'2026", "newAmount": "100"},
            {"accountingPeriodName": "Feb'2026", "newAmount": 200},
        ],
        "revenueEvent": {"eventType": "Revenue Distributed", "eventTypeSystemId": "1"},
    }
    on_code = ("activateAccountingCode", "deactivateAccountingCode", "deleteAccountingCode")
    on_period = (
        "runTrialBalance",
        "pendingCloseAccountingPeriod",
        "closeAccountingPeriod",
        "reopenAccountingPeriod",
        "deleteAccountingPeriod",
    )
    return {
        "createAccountingCode": Request(body={**code_body, "name": "Bank"}),
        "updateAccountingCode": Request(code, code_body),
        "createAccountingPeriod": Request(body=april),
        "updateAccountingPeriod": Request(period, march),
        "updateAccountingRules": Request(body={"allowUsageInClosedPeriod": True}),
        "Post_ProcessSettingsBatchRequest": Request(body={"requests": [RULES]}),
        "POST_RSforSubscCharge": Request(sold.charge("Project").id, schedule),
        **dict.fromkeys(on_code, Request(code)),
        **dict.fromkeys(on_period, Request(period)),
    }


def _revenue(api: Api, sold: builders.Sold) -> dict[str, Request]:
    types = "/v1/settings/finance/revenue-event-types"
    own = {"eventType": "Mine", "eventTypeSystemId": "Mine", "active": True}
    api.made(types, own)
    path = f"/v1/revenue-schedules/subscription-charges/{sold.charge('Project').number}"
    schedule = api.made(path, {"amount": 300, "revenueScheduleDate": "2026-01-01"})
    number = schedule["revenueScheduleNumber"]
    events = f"/v1/revenue-events/revenue-schedules/{number}"
    event = api.found(events)["revenueEventDetails"][0]["number"]
    summary = sold.charge("Project").number.replace("C-", "CRS-")
    across = {
        "revenueDistributions": [
            {"accountingPeriodName": "Jan'2026", "newAmount": "100"},
            {"accountingPeriodName": "Open-Ended", "newAmount": 200},
        ],
        "eventType": "Mine",
        "notes": "x",
    }
    on_date = {
        "distributeOn": "2026-02-10",
        "distributionType": "specific date (delta percent undistributed)",
        "percentage": "50",
        "revenueEvent": {"eventTypeSystemId": "Mine", "notes": "x"},
    }
    items = {"revenueItems": [{"accountingPeriodName": "Open-Ended", "Why__c": "x"}]}
    on_schedule = ("GET_RS", "DELETE_RS", "GET_RevenueItemsByRevenueSchedule")
    on_summary = ("GET_CRSByCRSNumber", "GET_RevenueItemsByChargeRevenueSummaryNumber")
    return {
        "POST_RevenueEventType": Request(body={"eventType": "Other", "eventTypeSystemId": "O"}),
        "PUT_RevenueEventType": Request("Mine", {"eventType": "Mine", "active": True}),
        "PUT_RSBasicInfo": Request(number, {"notes": "x", "referenceId": "y"}),
        "PUT_RevenueAcrossAP": Request(number, across),
        "PUT_RevenueSpecificDate": Request(number, on_date),
        "PUT_RevenueByRecognitionStartandEndDates": Request(number, OVER_RANGE),
        "PUT_CustomFieldsonRevenueItemsByRevenueSchedule": Request(number, items),
        "PUT_CustomFieldsonRevenueItemsByRevenueEvent": Request(event, items),
        "GET_RevenueItemsByChargeRevenueEventNumber": Request(event),
        "GET_CRSByChargeID": Request(sold.charge("Project").id),
        **dict.fromkeys(on_schedule, Request(number)),
        **dict.fromkeys(on_summary, Request(summary)),
    }


def _recognition(api: Api, sold: builders.Sold) -> dict[str, Request]:
    rules = "/v1/settings/finance/revenue-recognition-rules"
    options = {
        "description": "x",
        "recognitionStart": {"dateField": "TransactionDate", "after": 3, "unit": "Days"},
        "recognitionEnd": {"dateField": "RecognitionStart", "after": 1, "unit": "Years"},
        "rounding": "Leading",
        "transactionDate": "NotBeforeTransaction",
        "closedPeriods": "NextOpenPeriod",
    }
    body = {"name": "Mine", "recognitionModel": "Daily recognition over time", **options}
    rule = api.made(rules, body)["id"]
    on_rule = ("get", "activate", "deactivate", "delete")
    return {
        "createRevenueRecognitionRule": Request(body={**body, "name": "Another", "active": False}),
        "updateRevenueRecognitionRule": Request(rule, {"name": "Mine", **options}),
        **{f"{action}RevenueRecognitionRule": Request(rule) for action in on_rule},
        "GET_RevenueRecRules": Request(sold.charge("Project").id),
        "PUT_RevenueAutomationStartDate": Request(body={"startDate": "2026-01-01"}),
    }


def _journal(api: Api) -> dict[str, Request]:
    """Run the journal, and make entries: one in force, a draft, two in review."""
    sides = (("Debit", "DeferredRevenue"), ("Credit", "SalesRevenue"))
    items = [
        {"type": side, "accountingCodeName": "", "accountingCodeType": code_type, "amount": "1.50"}
        for side, code_type in sides
    ]
    entry = {
        "accountingPeriodName": "Jan'2026",
        "currency": "USD",
        "journalEntryDate": "2026-01-31",
        "journalEntryItems": [{**item, "glString": "x", "notes": "x"} for item in items],
        "notes": "x",
        "segments": [{"segmentName": "Country", "segmentValue": "Chile"}],
        "transactionType": "Invoice Item",
        "transferredToAccounting": "No",
    }
    run = {
        "accountingPeriodName": "Jan'2026",
        "targetStartDate": "2026-01-01",
        "targetEndDate": "2026-01-31",
        "journalEntryDate": "2026-01-31",
        "transactionTypes": [{"type": "Revenue Event Item"}],
    }
    entries = "/v1/journal-entries"
    number = api.made("/v1/journal-runs", run)["journalRunNumber"]
    made = api.made(entries, entry)["journalEntryNumber"]
    api.settings(review_journal_entries=True)
    draft, agreed, refused = (api.made(entries, entry)["journalEntryNumber"] for _ in range(3))
    api.settings(review_journal_entries=False)
    for one in (agreed, refused):
        assert api.put(f"{entries}/{one}/submit-for-review").json()["success"]
    noted = [{**item, "notes": "y"} for item in items]
    on_run = ("getJournalRun", "cancelJournalRun", "deleteJournalRun", "exportJournalRun")
    changes = {"notes": "y", "transferredToAccounting": "Yes", "journalEntryItems": noted}
    return {
        "createJournalRun": Request(body=run),
        "createSummaryJournalEntry": Request(body=entry),
        "updateDraftSummaryJournalEntry": Request(draft, entry),
        "updateBasicSummaryJournalEntry": Request(made, changes),
        "approveSummaryJournalEntry": Request(agreed, {"comment": "x"}),
        "rejectSummaryJournalEntry": Request(refused, {"comment": "x"}),
        "submitSummaryJournalEntry": Request(draft),
        "returnSummaryJournalEntryToDraft": Request(refused),
        "getSummaryJournalEntry": Request(made),
        "cancelSummaryJournalEntry": Request(made),
        "deleteSummaryJournalEntry": Request(made),
        "getAllSummaryJournalEntries": Request(number),
        **dict.fromkeys(on_run, Request(number)),
    }


def _sales(customer: Account, plan_id: str) -> dict[str, Request]:
    plans = [{"productRatePlanId": plan_id, "chargeOverrides": []}]
    action = {
        "type": "CreateSubscription",
        "triggerDates": [{"name": "ContractEffective", "triggerDate": "2026-01-01"}],
        "createSubscription": {"terms": TERMS, "subscribeToRatePlans": plans},
    }
    account = {
        "name": "N",
        "currency": "EUR",
        "billToContact": CONTACT,
        "soldToContact": CONTACT,
        "billCycleDay": 1,
        "parentId": customer.id,
        "autoPay": True,
        "notes": "x",
    }
    order = {
        "orderDate": "2026-01-01",
        "existingAccountNumber": customer.number,
        "processingOptions": {"runBilling": False},
        "subscriptions": [{"orderActions": [action]}],
    }
    subscription = {
        "accountKey": customer.number,
        "contractEffectiveDate": "2026-01-01",
        "termType": "TERMED",
        "initialTerm": 3,
        "renewalTerm": 3,
        "autoRenew": False,
        "subscribeToRatePlans": plans,
    }
    return {
        "createAccount": Request(body=account),
        "getAccount": Request(customer.id),
        "getPrepaidBalancesOfAccount": Request(customer.id),
        "updateAccount": Request(customer.id, {"notes": "Pays late", "autoPay": True}),
        "createOrder": Request(body=order),
        "previewOrder": Request(body=order),
        "createSubscription": Request(body=subscription),
    }


def _usage(api: Api, customer: Account, sold: builders.Sold) -> dict[str, Request]:
    usage = {
        "AccountNumber": customer.number,
        "UOM": "Token",
        "Quantity": 3,
        "StartDateTime": "2026-01-10T10:00:00Z",
        "EndDateTime": "2026-01-10T11:00:00Z",
        "Description": "x",
        "SubscriptionNumber": sold.subscription.number,
        "ChargeNumber": sold.charge("Drawdown").number,
    }
    record = api.made("/v1/object/usage", usage)["Id"]
    scope = {
        "originalChargeId": sold.charge("Prepayment").original_id,
        "chargeSegmentNumber": "1",
        "fundId": sold.funds[0].id,
    }
    return {
        "createUsage": Request(body=usage),
        "updateUsage": Request(record, {"Quantity": 4, "Description": "y"}),
        "POST_GenerateRevRecEventsForDailyConsumption": Request(body=scope),
        "getUsage": Request(record),
        "deleteUsage": Request(record),
    }


def _actions(api: Api, customer: Account) -> dict[str, Request]:
    usage = {
        "AccountNumber": customer.number,
        "UOM": "Token",
        "Quantity": 3,
        "StartDateTime": "2026-01-10T10:00:00Z",
        "Description": "x",
    }
    first, second = (api.made("/v1/object/usage", usage)["Id"] for _ in range(2))
    query = "select Id, Quantity from Usage where Quantity >= 3 and UOM = 'Token' or UOM = null"
    one_by_one = {"queryString": query, "conf": {"batchSize": 1}}
    locator = api.post("/v1/action/query", one_by_one).json()["queryLocator"]
    changes = {"Id": first, "Quantity": 4, "fieldsToNull": ["Description"]}
    return {
        "Action_POSTquery": Request(body=one_by_one),
        "Action_POSTqueryMore": Request(body={"queryLocator": locator, "conf": {"batchSize": 2}}),
        "Action_POSTcreate": Request(body={"type": "Usage", "objects": [usage, usage]}),
        "Action_POSTupdate": Request(body={"type": "Usage", "objects": [changes]}),
        "Action_POSTdelete": Request(body={"type": "Usage", "ids": [second]}),
    }
