"""Requests that touch the closed January of 2026: schedules, journals, periods, sales, usage."""

from datetime import UTC, datetime
from typing import Any

from earned.domain.terms import Length
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, Api, sign_in
from tests.http.by_hand import new_amounts
from tests.http.closed import Keys, Request, World, constant
from tests.http.journal import ENTRIES, PERIODS, item
from tests.http.samples import TERMS
from tests.periods import define_months

JAN, FEB = "Jan'2026", "Feb'2026"
SCHEDULES = "/v1/revenue-schedules"


def close_january(api: Api) -> World:
    """Make a fund, schedules made by hand, usage and journal entries, and close January."""
    api.clock.now = datetime(2026, 3, 10, tzinfo=UTC)  # January's fund is over.
    api.headers |= sign_in(api.http, CLIENT_ID, CLIENT_SECRET)
    with builders.writing(api) as books:
        plan, project = builders.prepaid_plan(books), builders.rate_plan(books, "Project")
        builders.unlimited_charge(books, project)
        customer = builders.account(books)
        sold = builders.sell(books, customer, plan, project, renewal_term=Length(12))
        january, *_ = define_months(books, 2026, 1, 2, 3)
        keys = {"account": customer.number, "plan": plan.id, "charge": sold.charge("Project").id}
        keys["fund"] = sold.funds[0].id
        keys["subscription"] = sold.subscription.number
        keys |= {"prepayment": sold.charge("Prepayment").original_id, "january": january.id}
    keys["order"] = api.made("/v1/orders", _terms(keys))["orderNumber"]
    record = _usage(keys)
    keys["usage"] = api.made("/v1/object/usage", record)["Id"]
    keys["late"] = api.made("/v1/object/usage", {**record, "StartDateTime": "2026-02-10"})["Id"]
    spread = new_amounts({JAN: "100", FEB: "150", "Open-Ended": "50"})
    schedule = {"amount": "300", "revenueScheduleDate": "2026-01-01"}
    path = f"{SCHEDULES}/subscription-charges/{keys['charge']}"
    made = api.made(path, {**schedule, "revenueDistributions": spread})
    keys["schedule"] = made["revenueScheduleNumber"]
    _enter_journal(api, keys)
    assert api.put(f"{PERIODS}/{january.id}/close").json() == {"success": True}
    return World(api, JAN, keys)


def _enter_journal(api: Api, keys: dict[str, str]) -> None:
    """Make an entry in force, a draft and one in review, all of January."""
    for name, kind in (("Deferred", "DeferredRevenue"), ("Revenue", "SalesRevenue")):
        api.made("/v1/accounting-codes", {"name": name, "type": kind})
    keys["entry"] = api.made(ENTRIES, _entry(keys))["journalEntryNumber"]
    api.settings(review_journal_entries=True)
    for name in ("draft", "submitted"):
        keys[name] = api.made(ENTRIES, _entry(keys))["journalEntryNumber"]
    submitted = api.put(f"{ENTRIES}/{keys['submitted']}/submit-for-review")
    assert submitted.json()["success"] is True


def _entry(keys: Keys) -> dict[str, Any]:
    del keys
    return {
        "accountingPeriodName": JAN,
        "currency": "USD",
        "journalEntryDate": "2026-01-31",
        "journalEntryItems": [item("Debit", "Deferred", 7), item("Credit", "Revenue", 7)],
    }


def _usage(keys: Keys) -> dict[str, Any]:
    return {
        "AccountNumber": keys["account"],
        "UOM": "Token",
        "Quantity": 1000,
        "StartDateTime": "2026-01-10T10:00:00Z",
    }


def _order(keys: Keys) -> dict[str, Any]:
    plans = [{"productRatePlanId": keys["plan"]}]
    action = {
        "type": "CreateSubscription",
        "triggerDates": [{"name": "ContractEffective", "triggerDate": "2026-01-15"}],
        "createSubscription": {"terms": TERMS, "subscribeToRatePlans": plans},
    }
    return {
        "orderDate": "2026-01-15",
        "existingAccountNumber": keys["account"],
        "subscriptions": [{"orderActions": [action]}],
    }


def _terms(keys: Keys) -> dict[str, Any]:
    """Return an order of January that moves nothing."""
    action = {"type": "TermsAndConditions", "termsAndConditions": {"autoRenew": True}}
    item = {"subscriptionNumber": keys["subscription"], "orderActions": [action]}
    return {**_order(keys), "subscriptions": [item]}


def _change(keys: Keys) -> dict[str, Any]:
    del keys
    return {"orderDate": "2026-01-15", "autoRenew": False}


def _renewal(keys: Keys) -> dict[str, Any]:
    del keys
    return {"orderDate": "2026-01-15"}


def _cancellation(keys: Keys) -> dict[str, Any]:
    del keys
    return {"orderDate": "2026-01-15", "cancellationPolicy": "EndOfCurrentTerm"}


def _subscription(keys: Keys) -> dict[str, Any]:
    return {
        "accountKey": keys["account"],
        "contractEffectiveDate": "2026-01-15",
        "termType": "TERMED",
        "initialTerm": 3,
        "subscribeToRatePlans": [{"productRatePlanId": keys["plan"]}],
    }


ONE = SCHEDULES + "/{schedule}"
CLOSED_ENTRY = f"Journal entries cannot be changed by hand in closed accounting period '{JAN}'."
INTO_CLOSED = f"Revenue cannot be distributed into closed accounting period '{JAN}'."
REFUSED = (
    Request(
        "POST_RSforSubscCharge",
        "POST",
        SCHEDULES + "/subscription-charges/{charge}",
        constant(amount="300", revenueScheduleDate="2026-01-31"),
        "Revenue schedule date cannot be in a closed accounting period.",
    ),
    Request(
        "POST_RSforSubscCharge",
        "POST",
        SCHEDULES + "/subscription-charges/{charge}",
        constant(
            amount="300",
            revenueScheduleDate="2026-02-01",
            revenueDistributions=new_amounts({JAN: "300"}),
        ),
        INTO_CLOSED,
    ),
    Request(
        "DELETE_RS",
        "DELETE",
        ONE,
        refusal="A revenue schedule with revenue in a closed accounting period cannot be deleted:"
        f" 100.00 in '{JAN}'.",
    ),
    Request(
        "PUT_RevenueAcrossAP",
        "PUT",
        ONE + "/distribute-revenue-across-accounting-periods",
        constant(revenueDistributions=new_amounts({JAN: "0", FEB: "250"})),
        INTO_CLOSED,
    ),
    Request(
        "updateAccountingPeriod",
        "PUT",
        PERIODS + "/{january}",
        constant(endDate="2026-01-30"),
        "The dates of an accounting period can be changed only while it is open.",
    ),
    Request(
        "deleteAccountingPeriod",
        "DELETE",
        PERIODS + "/{january}",
        refusal="Only the most recent accounting period can be deleted.",
    ),
    Request(
        "runTrialBalance",
        "PUT",
        PERIODS + "/{january}/run-trial-balance",
        refusal="The accounting period must be open to run a trial balance.",
    ),
    Request("createSummaryJournalEntry", "POST", ENTRIES, _entry, CLOSED_ENTRY),
    Request("updateDraftSummaryJournalEntry", "PUT", ENTRIES + "/{draft}", _entry, CLOSED_ENTRY),
    Request("cancelSummaryJournalEntry", "PUT", ENTRIES + "/{entry}/cancel", refusal=CLOSED_ENTRY),
    Request(
        "approveSummaryJournalEntry",
        "PUT",
        ENTRIES + "/{submitted}/approve",
        refusal=CLOSED_ENTRY,
    ),
)
ONE_SUBSCRIPTION = "/v1/subscriptions/{subscription}"
ORDER_CLOSED = "The order date cannot be in a closed accounting period."
SUBSCRIPTION_CLOSED = "The contract effective date cannot be in a closed accounting period."
USAGE_CLOSED = "Usage cannot be imported into a closed accounting period"
ASKING = (
    Request("createOrder", "POST", "/v1/orders", _order, ORDER_CLOSED),
    Request("previewOrder", "POST", "/v1/orders/preview", _order, ORDER_CLOSED),
    Request("deleteOrder", "DELETE", "/v1/orders/{order}", refusal=ORDER_CLOSED),
    Request("updateSubscription", "PUT", ONE_SUBSCRIPTION, _change, ORDER_CLOSED),
    Request("renewSubscription", "PUT", ONE_SUBSCRIPTION + "/renew", _renewal, ORDER_CLOSED),
    Request("cancelSubscription", "PUT", ONE_SUBSCRIPTION + "/cancel", _cancellation, ORDER_CLOSED),
    Request("createSubscription", "POST", "/v1/subscriptions", _subscription, SUBSCRIPTION_CLOSED),
    Request("createUsage", "POST", "/v1/object/usage", _usage, USAGE_CLOSED),
    Request(
        "updateUsage",
        "PUT",
        "/v1/object/usage/{late}",
        constant(StartDateTime="2026-01-10"),
        USAGE_CLOSED,
    ),
    Request(
        "updateUsage", "PUT", "/v1/object/usage/{usage}", constant(Quantity=2000), USAGE_CLOSED
    ),
    Request("deleteUsage", "DELETE", "/v1/object/usage/{usage}", refusal=USAGE_CLOSED),
)
PASSING = (
    Request(
        "PUT_RevenueSpecificDate",
        "PUT",
        ONE + "/distribute-revenue-on-specific-date",
        constant(
            distributeOn="2026-01-31",
            distributionType="specific date (delta fixed amount)",
            amount="10",
        ),
    ),
    Request(
        "PUT_RevenueByRecognitionStartandEndDates",
        "PUT",
        ONE + "/distribute-revenue-with-date-range",
        constant(
            recognitionStart="2026-01-01",
            recognitionEnd="2026-03-31",
            distributionType="Daily Distribution",
        ),
    ),
    Request(
        "createAccountingPeriod",
        "POST",
        PERIODS,
        constant(name="Apr", startDate="2026-04-01", endDate="2026-04-30", fiscalYear=2026),
    ),
    Request(
        "POST_GenerateRevRecEventsForDailyConsumption",
        "POST",
        "/v1/uno-regenerate/rev-rec-events/daily-consumption?forRevenueRecollect=true",
        lambda keys: {"originalChargeId": keys["prepayment"]},
    ),
    Request("POST_CollectRevenue", "POST", "/v1/revenue/collect"),
    Request(
        "DepleteFunds",
        "POST",
        "/v1/prepaid-balance-funds/deplete",
        lambda keys: {"depleteOptions": [{"fundId": keys["fund"], "depleteQuantity": 1}]},
    ),
    Request(
        "POST_ExpireFunds",
        "POST",
        "/v1/revenue/expire-funds",
        constant(throughDate="2026-01-31"),
    ),
    Request(
        "createJournalRun",
        "POST",
        "/v1/journal-runs",
        constant(accountingPeriodName=JAN, transactionTypes=[{"type": "Revenue Event Item"}]),
    ),
)
