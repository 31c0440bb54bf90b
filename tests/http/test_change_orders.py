"""Orders that change subscriptions, over the wire."""

from typing import Any

import pytest

from tests import builders
from tests.api import Api
from tests.http.test_orders import counts, create, order

NUMBER = "A-S00000001"


def act(kind: str, day: str = "2026-01-01", **details: Any) -> dict[str, Any]:
    """Return an order of one action on the subscription."""
    triggers = [{"name": "ContractEffective", "triggerDate": day}]
    name = kind[0].lower() + kind[1:]
    action = {"type": kind, "triggerDates": triggers, name: details}
    return order("A-1", {"subscriptionNumber": NUMBER, "orderActions": [action]}, orderDate=day)


def cancel(day: str) -> dict[str, Any]:
    policy = {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": day}
    return act("CancelSubscription", day, **policy)


@pytest.fixture
def customer(api: Api) -> Api:
    """Sell 100,000 tokens a month for 1000.00 USD, for a year."""
    api.settings(credit_unbilled_periods=True)
    with builders.writing(api) as books:
        builders.account(books, number="A-1")
        plan = builders.prepaid_plan(books).id
    api.made("/v1/orders", order("A-1", create(plan)))
    return api


def subscription(api: Api) -> Any:
    return api.found(f"/v1/subscriptions/{NUMBER}")


def plan_of(api: Api) -> Any:
    return subscription(api)["ratePlans"][0]


def funds(api: Api) -> list[tuple[str, float, float]]:
    fields = "fundedBalance,balance,startDate"
    page = api.found(
        f"/object-query/prepaid-balance-funds?pageSize=50&sort[]=startdate.ASC&fields[]={fields}"
    )
    return [(row["startDate"], row["fundedBalance"], row["balance"]) for row in page["data"]]


def test_a_canceled_subscription_reads_back(customer: Api) -> None:
    customer.made("/v1/orders", cancel("2026-03-16"))

    found = subscription(customer)
    assert (found["version"], found["status"]) == (2, "Cancelled")
    assert found["subscriptionEndDate"] == "2026-03-16"
    assert found["termEndDate"] == "2026-03-16"
    (charge, _) = found["ratePlans"][0]["ratePlanCharges"]
    assert charge["effectiveEndDate"] == "2026-03-16"
    assert [balance for _, _, balance in funds(customer)][:4] == [100_000, 100_000, 0, 0]
    old = customer.found(f"/v1/subscriptions/{NUMBER}/versions/1")
    assert (old["status"], old["isLatestVersion"]) == ("Active", False)


def test_a_new_quantity_makes_a_segment(customer: Api) -> None:
    plan = plan_of(customer)
    updates = [{"chargeNumber": "C-00000001", "prepaidQuantity": 120_000}]
    made = act("UpdateProduct", "2026-03-01", ratePlanId=plan["id"], chargeUpdates=updates)

    customer.made("/v1/orders", made)

    found = plan_of(customer)
    assert found["lastChangeType"] == "Update"
    segments = [
        (one["segment"], one["effectiveStartDate"], one["effectiveEndDate"], one["isLastSegment"])
        for one in found["ratePlanCharges"]
        if one["number"] == "C-00000001"
    ]
    assert segments == [
        (1, "2026-01-01", "2026-03-01", False),
        (2, "2026-03-01", "2027-01-01", True),
    ]
    assert [units for _, units, _ in funds(customer)] == [100_000] * 2 + [120_000] * 10
    charge = found["ratePlanCharges"][0]["originalChargeId"]
    body = {"originalChargeId": charge, "chargeSegmentNumber": "2"}
    done = customer.post("/v1/uno-regenerate/rev-rec-events/daily-consumption", body)
    assert done.json() == {"success": True}


def test_usage_is_guided_to_the_segment_of_its_day(customer: Api) -> None:
    plan = plan_of(customer)
    pricing = {"usagePerUnit": {"listPrice": "0.05"}}
    updates = [{"chargeNumber": "C-00000002", "pricing": pricing}]
    customer.made(
        "/v1/orders",
        act("UpdateProduct", "2026-01-16", ratePlanId=plan["id"], chargeUpdates=updates),
    )
    for day in ("15", "16"):
        usage = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": f"2026-01-{day}"}
        customer.made("/v1/object/usage", {**usage, "Quantity": 100_100})

    with builders.writing(customer) as books:
        guided = books.guided_usage.list(order_by=["id"])
        rated = books.rating_results.list(order_by=["charge_segment"])
    assert [one.charge_segment for one in guided] == [1, 2]
    assert [(one.charge_segment, one.amount_minor) for one in rated] == [(1, 200), (2, 500_500)]
    assert {str(one.service_start_date) for one in rated} == {"2026-01-01"}


def test_a_removed_product_and_changed_terms(customer: Api) -> None:
    terms: dict[str, Any] = {
        "lastTerm": {"termType": "TERMED", "period": 3, "periodType": "Month"},
        "renewalTerms": [{"period": 2, "periodType": "Month"}],
        "autoRenew": True,
    }
    customer.made("/v1/orders", act("TermsAndConditions", **terms))
    customer.made("/v1/orders", act("RenewSubscription"))

    found = subscription(customer)
    assert (found["termStartDate"], found["termEndDate"]) == ("2026-04-01", "2026-06-01")
    assert (found["currentTerm"], found["initialTerm"], found["autoRenew"]) == (2, 12, True)
    left = [start for start, _, balance in funds(customer) if balance]
    assert left == [f"2026-0{month}-01" for month in range(1, 6)]

    customer.made(
        "/v1/orders", act("RemoveProduct", "2026-05-01", ratePlanId=plan_of(customer)["id"])
    )

    assert plan_of(customer)["lastChangeType"] == "Remove"
    assert [start for start, _, balance in funds(customer) if balance] == left[:4]


def test_a_preview_tells_and_stores_nothing(customer: Api) -> None:
    before = counts(customer)
    options = {
        "previewThruType": "SpecificDate",
        "specificPreviewThruDate": "2026-04-30",
        "previewTypes": ["ChargeMetrics", "BillingDocs"],
    }

    told = customer.made("/v1/orders/preview", {**cancel("2026-02-01"), "previewOptions": options})

    result = told["previewResult"]
    (found,) = result["funds"]
    assert found["subscriptionNumber"] == NUMBER
    assert [fund["balance"] for fund in found["subscriptionFunds"]] == ["100000"] + ["0"] * 11
    assert found["subscriptionFunds"][0]["fundingPrice"] == "1000.00"
    assert result["chargeMetrics"][0]["charges"][0]["tcv"] == {"regular": 1000}
    assert [invoice["amount"] for invoice in result["invoices"]] == [1000]
    assert counts(customer) == before
    assert subscription(customer)["status"] == "Active"
    assert customer.made("/v1/orders", cancel("2026-02-01"))["orderNumber"] == "O-00000002"


def test_a_deleted_order_is_gone_and_what_it_did_is_undone(customer: Api) -> None:
    customer.made("/v1/orders", cancel("2026-02-01"))

    assert customer.request("DELETE", "/v1/orders/O-00000002").json() == {"success": True}

    found = subscription(customer)
    assert (found["version"], found["status"], found["isLatestVersion"]) == (1, "Active", True)
    assert [balance for _, _, balance in funds(customer)] == [100_000] * 12
    gone = customer.request("GET", "/v1/orders/O-00000002")
    assert "Cannot find entity by key: 'O-00000002'." in gone.text
    missing = customer.request("GET", f"/v1/subscriptions/{NUMBER}/versions/2")
    assert missing.json()["success"] is False
    with builders.writing(customer) as books:
        (trace,) = books.audit.list(object_type="Order", action="deleted")
    assert trace.detail["number"] == "O-00000002"

    assert customer.request("DELETE", "/v1/orders/O-00000001").json() == {"success": True}
    assert customer.request("GET", f"/v1/subscriptions/{NUMBER}").json()["success"] is False
    assert customer.found("/v1/subscriptions/accounts/A-1")["subscriptions"] == []
    assert {balance for _, _, balance in funds(customer)} == {0}


def test_an_order_that_names_a_subscription_twice_is_previewed_and_deleted_as_one(
    customer: Api,
) -> None:
    renewal, end = act("RenewSubscription"), cancel("2027-05-01")
    body = {**renewal, "subscriptions": [*renewal["subscriptions"], *end["subscriptions"]]}

    told = customer.made("/v1/orders/preview", body)["previewResult"]
    made = customer.made("/v1/orders", body)

    assert len(told["funds"][0]["subscriptionFunds"]) == len(funds(customer)) == 24
    assert (len(told["funds"]), made["subscriptionNumbers"]) == (1, [NUMBER])
    assert (subscription(customer)["version"], subscription(customer)["status"]) == (3, "Cancelled")
    assert customer.delete(f"/v1/orders/{made['orderNumber']}").json() == {"success": True}
    found = subscription(customer)
    assert (found["version"], found["termEndDate"]) == (1, "2027-01-01")
    assert customer.delete("/v1/orders/O-00000001").json() == {"success": True}


def test_an_account_orders_only_for_what_it_uses_or_pays_for(customer: Api) -> None:
    with builders.writing(customer) as books:
        builders.account(books, number="A-2")
        plan = builders.prepaid_plan(books).id
    stranger = {**act("RenewSubscription"), "existingAccountNumber": "A-2"}

    refused = customer.post("/v1/orders", stranger).json()

    message = f"The subscription '{NUMBER}' is not of account 'A-2'."
    assert refused["reasons"] == [{"code": 50300030, "message": message}]
    used = create(plan, subscriptionNumber="S-2", subscriptionOwnerAccountNumber="A-2")
    customer.made("/v1/orders", order("A-1", used))
    for account in ("A-1", "A-2"):
        item = {**act("RenewSubscription")["subscriptions"][0], "subscriptionNumber": "S-2"}
        customer.made("/v1/orders", order(account, item))


def test_orders_are_found_by_what_they_changed(customer: Api) -> None:
    customer.made("/v1/orders", cancel("2026-02-01"))

    for path in (f"subscription/{NUMBER}", "subscriptionOwner/A-1", "invoiceOwner/A-1"):
        page = customer.found(f"/v1/orders/{path}?pageSize=1")
        assert [one["orderNumber"] for one in page["orders"]] == ["O-00000002"]
        assert "page=2" in page["nextPage"]
    assert customer.found("/v1/orders?status=Pending")["orders"] == []


@pytest.mark.parametrize(
    ("kind", "details", "text"),
    [
        ("CancelSubscription", {"cancellationPolicy": "Now"}, "should be one of: EndOfCurrentTerm"),
        ("CancelSubscription", {"cancellationPolicy": "SpecificDate"}, "may not be null"),
        (
            "CancelSubscription",
            {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": "2027-01-02"},
            "is not in the current term",
        ),
        ("RemoveProduct", {}, "'ratePlanId' may not be null"),
        ("RemoveProduct", {"ratePlanId": "x"}, "Cannot find entity by key: 'x'."),
        ("Suspend", {}, "The order action 'Suspend' is not supported."),
        (
            "TermsAndConditions",
            {"lastTerm": {"termType": "TERMED", "endDate": "2027-01-20"}},
            "The validity periods must be evenly distributed over the subscription term.",
        ),
        (
            "TermsAndConditions",
            {"lastTerm": {"termType": "TERMED", "startDate": "2026-02-01", "period": 3}},
            "the three trigger dates of the action must be its first day",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    customer: Api, kind: str, details: dict[str, Any], text: str
) -> None:
    answer = customer.post("/v1/orders", act(kind, **details)).json()

    assert answer["success"] is False
    assert text in answer["reasons"][0]["message"]
    assert subscription(customer)["version"] == 1


def test_a_subscription_is_renewed_and_canceled_by_its_own_path(customer: Api) -> None:
    path = f"/v1/subscriptions/{NUMBER}"

    renewed = customer.put(f"{path}/renew", {"runBilling": False}).json()
    policy = {"cancellationPolicy": "EndOfCurrentTerm", "invoiceCollect": False}
    canceled = customer.put(f"{path}/cancel", policy).json()

    assert (renewed["success"], renewed["orderNumber"]) == (True, "O-00000002")
    assert (renewed["termStartDate"], renewed["termEndDate"]) == ("2027-01-01", "2028-01-01")
    assert canceled["cancelledDate"] == "2028-01-01"
    assert canceled["subscriptionId"] == subscription(customer)["id"]
    order = customer.found(f"/v1/orders/{canceled['orderNumber']}")["order"]
    assert order["subscriptions"][0]["orderActions"] == [
        {
            "type": "CancelSubscription",
            "cancelSubscription": {"cancellationPolicy": "EndOfCurrentTerm"},
        }
    ]
    again = customer.put(f"{path}/renew", {}).json()
    assert "is not active" in again["reasons"][0]["message"]


def test_a_subscription_is_changed_by_its_own_path(customer: Api) -> None:
    path = f"/v1/subscriptions/{NUMBER}"
    plan = plan_of(customer)
    details = [{"ratePlanChargeId": plan["ratePlanCharges"][0]["id"], "prepaidQuantity": 50_000}]
    update = {
        "ratePlanId": plan["id"],
        "contractEffectiveDate": "2026-02-01",
        "chargeUpdateDetails": details,
    }
    with builders.writing(customer) as books:
        extra = builders.rate_plan(books, "Extra")
        builders.charge(books, extra)
        added = {"productRatePlanId": extra.id, "contractEffectiveDate": "2026-02-01"}

    body = {"autoRenew": True, "currentTerm": 2, "add": [added], "update": [update]}
    changed = customer.put(path, body).json()

    assert changed["orderNumbers"] == ["O-00000002"]
    found = subscription(customer)
    assert (found["autoRenew"], found["termEndDate"]) == (True, "2026-03-01")
    assert [one["ratePlanName"] for one in found["ratePlans"]] == ["Plan", "Extra"]
    assert [units for _, units, balance in funds(customer) if balance] == [100_000, 50_000]
    removed = {"ratePlanId": plan["id"], "contractEffectiveDate": "2026-02-01"}
    customer.put(path, {"remove": [removed]})
    assert [units for _, units, balance in funds(customer) if balance] == [100_000]
    refused = customer.put(path, {"preview": True, "autoRenew": False}).json()
    assert refused["reasons"][0]["message"] == "'preview' is not supported here: use orders."
    assert customer.put(path, {"notes": "x"}).json()["success"] is False
