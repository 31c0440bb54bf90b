"""Orders over the wire."""

from typing import Any

import pytest

from tests import builders
from tests.api import Api

TERMS: dict[str, Any] = {
    "initialTerm": {"period": 12, "periodType": "Month", "termType": "TERMED"},
    "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
    "renewalTerms": [{"period": "12", "periodType": "Month"}],
    "autoRenew": False,
}
TRIGGERS = [
    {"name": name, "triggerDate": "2026-01-01"}
    for name in ("ContractEffective", "ServiceActivation", "CustomerAcceptance")
]


def create(plan: str, **changes: Any) -> dict[str, Any]:
    """Return the order of a new subscription to a plan."""
    new = {"terms": TERMS, "subscribeToRatePlans": [{"productRatePlanId": plan}], **changes}
    action = {"type": "CreateSubscription", "triggerDates": TRIGGERS, "createSubscription": new}
    return {"orderActions": [action]}


def add(number: str, plan: str, day: str, **changes: Any) -> dict[str, Any]:
    """Return the order of a plan to be added to a subscription."""
    action = {
        "type": "AddProduct",
        "triggerDates": [{"name": "ContractEffective", "triggerDate": day}],
        "addProduct": {"productRatePlanId": plan, **changes},
    }
    return {"subscriptionNumber": number, "orderActions": [action]}


def order(account: str, *subscriptions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "orderDate": "2026-01-01",
        "existingAccountNumber": account,
        "subscriptions": list(subscriptions),
        "processingOptions": {"runBilling": False},
        **changes,
    }


def catalog(api: Api) -> tuple[str, str, str]:
    """Make an account, a prepaid plan and a one-time top-up of 1000 tokens for 30 USD."""
    with builders.writing(api) as books:
        account = builders.account(books).number
        plan = builders.prepaid_plan(books).id
        top_up = builders.rate_plan(books, "Top-up")
        builders.prepayment_charge(
            books, top_up, name="Top-up", charge_type="OneTime", units=1000, price=30
        )
        return account, plan, top_up.id


def counts(api: Api) -> dict[str, int]:
    with builders.writing(api) as books:
        return {
            name: getattr(books, name).count()
            for name in ("accounts", "orders", "subscriptions", "charges", "funds", "schedules")
        }


def test_an_order_creates_a_subscription_with_its_funds(api: Api) -> None:
    account, plan, _ = catalog(api)

    made = api.made("/v1/orders", order(account, create(plan)))

    assert made["orderNumber"] == "O-00000001"
    assert made["accountNumber"] == account
    assert made["status"] == "Completed"
    assert made["subscriptionNumbers"] == ["A-S00000001"]
    assert made["invoiceNumbers"] == []
    (subscription,) = made["subscriptions"]
    assert subscription["subscriptionNumber"] == "A-S00000001"
    assert [subscription["subscriptionId"]] == made["subscriptionIds"]
    assert subscription["status"] == "Active"
    found = api.found("/v1/subscriptions/A-S00000001")
    assert found["orderNumber"] == "O-00000001"
    assert found["termEndDate"] == "2027-01-01"
    assert counts(api)["funds"] == 12
    assert counts(api)["schedules"] == 12


def test_an_order_is_read_back_as_it_was_sent(api: Api) -> None:
    account, plan, _ = catalog(api)
    sent = create(plan)
    body = order(account, sent, description="New", customFields={"Deal__c": 7}, orderNumber="O-X")
    api.made("/v1/orders", body)

    found = api.found("/v1/orders/O-X")["order"]

    assert found["orderDate"] == "2026-01-01"
    assert found["existingAccountNumber"] == account
    assert found["description"] == "New"
    assert found["customFields"] == {"Deal__c": 7}
    assert found["status"] == "Completed"
    (item,) = found["subscriptions"]
    assert item["orderActions"] == sent["orderActions"]
    assert item["subscriptionNumber"] == "A-S00000001"
    assert item["baseVersion"] is None
    assert item["newVersion"] == 1


def test_orders_are_listed_newest_first(api: Api) -> None:
    account, plan, _ = catalog(api)
    for day in ("2026-01-01", "2026-01-03", "2026-01-02"):
        api.made("/v1/orders", order(account, create(plan), orderDate=day))

    page = api.found("/v1/orders?pageSize=2")

    days = [found["orderDate"] for found in page["orders"]]
    assert days == ["2026-01-03", "2026-01-02"]
    assert page["nextPage"].endswith("/v1/orders?page=2&pageSize=2")


def test_adding_a_product_makes_a_new_version_with_copies_of_all_rows(api: Api) -> None:
    account, plan, top_up = catalog(api)
    api.made("/v1/orders", order(account, create(plan)))
    before = api.found("/v1/subscriptions/A-S00000001")

    made = api.made("/v1/orders", order(account, add("A-S00000001", top_up, "2026-01-15")))

    assert made["subscriptionNumbers"] == ["A-S00000001"]
    after = api.found("/v1/subscriptions/A-S00000001")
    assert (after["version"], after["isLatestVersion"]) == (2, True)
    assert made["subscriptionIds"] == [after["id"]]
    assert after["id"] != before["id"]
    assert after["originalId"] == before["id"]
    assert after["orderNumber"] == "O-00000002"
    old, kept = before["ratePlans"][0], after["ratePlans"][0]
    assert kept["id"] != old["id"]
    assert kept["originalRatePlanId"] == old["id"]
    for was, charge in zip(old["ratePlanCharges"], kept["ratePlanCharges"], strict=True):
        assert charge["id"] != was["id"]
        assert charge["originalChargeId"] == was["id"]
        assert (charge["number"], charge["segment"]) == (was["number"], 1)
    (added,) = after["ratePlans"][1]["ratePlanCharges"]
    assert added["number"] == "C-00000003"
    assert added["id"] == added["originalChargeId"]
    assert added["effectiveStartDate"] == "2026-01-15"


def test_every_version_can_be_read_and_every_id_leads_to_the_latest(api: Api) -> None:
    account, plan, top_up = catalog(api)
    first = api.made("/v1/orders", order(account, create(plan)))["subscriptionIds"][0]
    body = order(account, add("A-S00000001", top_up, "2026-01-15"))
    second = api.made("/v1/orders", body)["subscriptionIds"][0]

    for key in (first, second, "A-S00000001"):
        assert api.found(f"/v1/subscriptions/{key}")["version"] == 2
        old = api.found(f"/v1/subscriptions/{key}/versions/1")
        assert (old["version"], old["isLatestVersion"]) == (1, False)
        assert len(old["ratePlans"]) == 1
    with builders.writing(api) as books:
        latest = books.charges.list(is_latest=True, order_by=["number"])
        assert [charge.number for charge in latest] == [
            "C-00000001",
            "C-00000002",
            "C-00000003",
        ]
        assert {charge.subscription_id for charge in latest} == {second}
    page = api.found(f"/v1/subscriptions/accounts/{account}")
    assert [row["version"] for row in page["subscriptions"]] == [2]


def test_one_order_creates_and_tops_up_a_subscription(api: Api) -> None:
    account, plan, top_up = catalog(api)
    item = create(plan, subscriptionNumber="SUB-1")
    item["orderActions"] += add("", top_up, "2026-01-15")["orderActions"]

    made = api.made("/v1/orders", order(account, item))

    assert made["subscriptionNumbers"] == ["SUB-1"]
    assert api.found("/v1/subscriptions/SUB-1")["version"] == 2
    assert counts(api)["funds"] == 13


def test_an_order_makes_the_account_it_is_for(api: Api) -> None:
    _, plan, _ = catalog(api)
    contact = {"firstName": "Ada", "lastName": "Ames"}
    account = {
        "name": "New",
        "currency": "USD",
        "billCycleDay": 1,
        "billToContact": contact,
        "customFields": {"Tier__c": "gold"},
    }
    body = order("", create(plan), newAccount=account)
    del body["existingAccountNumber"]

    made = api.made("/v1/orders", body)

    found = api.found(f"/v1/accounts/{made['accountNumber']}")
    assert found["basicInfo"]["name"] == "New"
    assert found["basicInfo"]["Tier__c"] == "gold"


def test_an_order_is_done_whole_or_not_at_all(api: Api) -> None:
    account, plan, top_up = catalog(api)
    before = counts(api)
    wrong = add("A-S00000404", top_up, "2026-01-15")

    response = api.post("/v1/orders", order(account, create(plan), wrong))

    assert response.status_code == 404
    assert counts(api) == before
    made = api.made("/v1/orders", order(account, create(plan)))
    assert made["orderNumber"] == "O-00000001"
    assert made["subscriptionNumbers"] == ["A-S00000001"]


def test_overrides_of_an_order_price_charges_by_their_model(api: Api) -> None:
    with builders.writing(api) as books:
        account = builders.account(books).number
        plan = builders.rate_plan(books)
        topped = builders.prepayment_charge(
            books, plan, uom="Call", units=10, price=20, charge_model="PerUnit"
        )
        drawn = builders.drawdown_charge(books, plan, uom="Call")
    overrides = [
        {
            "productRatePlanChargeId": topped.id,
            "pricing": {"recurringPerUnit": {"listPrice": 15, "quantity": 3}},
            "billing": {"billingPeriod": "Month"},
            "prepaidQuantity": 20,
            "validityPeriodType": "Quarter",
            "customFields": {"Grade__c": "A"},
        },
        {
            "productRatePlanChargeNumber": drawn.number,
            "pricing": {"usagePerUnit": {"listPrice": 0.5}},
        },
    ]
    chosen = {"productRatePlanId": plan.id, "chargeOverrides": overrides}

    api.made("/v1/orders", order(account, create(plan.id, subscribeToRatePlans=[chosen])))

    found = api.found("/v1/subscriptions/A-S00000001")["ratePlans"][0]["ratePlanCharges"]
    assert (found[0]["price"], found[0]["quantity"]) == (15, 3)
    assert found[0]["validityPeriodType"] == "QUARTER"
    assert found[0]["prepaidTotalQuantity"] == 60
    assert found[0]["Grade__c"] == "A"
    assert found[1]["price"] == 0.5
    with builders.writing(api) as books:
        funds = books.funds.list()
        assert [fund.funding_price_minor for fund in funds] == [13500] * 4
        assert [int(fund.funded_balance) for fund in funds] == [60] * 4


def test_a_pricing_of_another_model_is_refused(api: Api) -> None:
    account, plan, _ = catalog(api)
    with builders.writing(api) as books:
        charge = books.product_charges.list(product_rate_plan_id=plan, order_by=["number"])[0]
    override = {
        "productRatePlanChargeId": charge.id,
        "pricing": {"recurringPerUnit": {"listPrice": 1}},
    }
    chosen = {"productRatePlanId": plan, "chargeOverrides": [override]}

    response = api.post("/v1/orders", order(account, create(plan, subscribeToRatePlans=[chosen])))

    assert response.json()["reasons"] == [
        {
            "code": 50300030,
            "message": (
                "The pricing of the charge 'Prepayment' should be given as 'recurringFlatFee'."
            ),
        }
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"orderDate": None}, 50300022),
        ({"existingAccountNumber": None}, 50300022),
        ({"existingAccountId": "f" * 32}, 50300020),
        ({"existingAccountNumber": "A404"}, 50000040),
        ({"subscriptions": []}, 50300020),
        ({"subscriptions": [{"orderActions": []}]}, 50300020),
        ({"subscriptions": [{"orderActions": [{"type": "AddProduct"}]}]}, 50300022),
        ({"subscriptions": [{"orderActions": [{"type": "RemoveProduct"}]}]}, 50300022),
        ({"subscriptions": [{"orderActions": [{"type": "CreateSubscription"}]}]}, 50300022),
        ({"subscriptions": [{"orderActions": [{"type": "Suspend"}]}]}, 50300030),
        ({"status": "Draft"}, 50300020),
        ({"orderNumber": "a/b"}, 50300020),
    ],
)
def test_what_cannot_be_is_refused(api: Api, changes: dict[str, Any], code: int) -> None:
    account, plan, _ = catalog(api)
    before = counts(api)

    response = api.post("/v1/orders", order(account, create(plan), **changes))

    assert response.status_code in {400, 404}
    assert response.json()["reasons"][0]["code"] == code
    assert counts(api) == before


def test_an_unknown_term_type_of_an_order_is_refused(api: Api) -> None:
    account, plan, _ = catalog(api)
    terms = {**TERMS, "initialTerm": {"period": 1, "termType": "FOREVER"}}

    response = api.post("/v1/orders", order(account, create(plan, terms=terms)))

    (reason,) = response.json()["reasons"]
    assert reason["code"] == 50300020
    assert reason["message"].endswith("termType' value should be one of: TERMED, EVERGREEN")


def test_a_product_is_added_only_within_the_term(api: Api) -> None:
    account, plan, top_up = catalog(api)
    api.made("/v1/orders", order(account, create(plan)))

    for day in ("2025-12-31", "2027-01-01"):
        response = api.post("/v1/orders", order(account, add("A-S00000001", top_up, day)))
        assert response.json()["reasons"] == [
            {
                "code": 50300030,
                "message": f"{day} is not in the current term of subscription 'A-S00000001'.",
            }
        ]


def test_a_term_may_be_given_by_its_end(api: Api) -> None:
    account, plan, _ = catalog(api)
    initial = {"termType": "TERMED", "startDate": "2026-01-01", "endDate": "2026-04-01"}

    api.made("/v1/orders", order(account, create(plan, terms={"initialTerm": initial})))

    assert api.found("/v1/subscriptions/A-S00000001")["termEndDate"] == "2026-04-01"
    assert counts(api)["funds"] == 3


def test_rate_plans_may_be_called_products(api: Api) -> None:
    account, plan, top_up = catalog(api)
    products = [
        {"productRatePlanId": plan},
        {"ratePlanOverrides": [{"productRatePlanId": top_up}]},
    ]
    item = create(plan, subscribeToRatePlans=None, subscribeToProducts=products)

    api.made("/v1/orders", order(account, item))

    assert len(api.found("/v1/subscriptions/A-S00000001")["ratePlans"]) == 2


def test_an_unknown_order_is_not_found(api: Api) -> None:
    response = api.get("/v1/orders/O-404")

    assert response.status_code == 404
    assert response.json()["reasons"][0]["code"] == 50000040


def test_an_order_number_is_taken_once(api: Api) -> None:
    account, plan, _ = catalog(api)
    api.made("/v1/orders", order(account, create(plan), orderNumber="O-1"))

    response = api.post("/v1/orders", order(account, create(plan), orderNumber="O-1"))

    assert response.json()["reasons"] == [
        {"code": 50300030, "message": "The order number 'O-1' already exists."}
    ]


def test_a_product_needs_a_subscription_to_be_added_to(api: Api) -> None:
    account, _, top_up = catalog(api)
    item = {"orderActions": add("", top_up, "2026-01-15")["orderActions"]}

    response = api.post("/v1/orders", order(account, item))

    assert response.json()["reasons"] == [
        {"code": 50300022, "message": "'subscriptionNumber' may not be null"}
    ]


def test_a_subscription_is_created_once_in_an_order(api: Api) -> None:
    account, plan, _ = catalog(api)
    item = {"orderActions": create(plan)["orderActions"] * 2}

    response = api.post("/v1/orders", order(account, item))

    assert response.json()["reasons"][0]["code"] == 50300020


def test_the_user_of_a_subscription_may_be_another_account(api: Api) -> None:
    account, plan, _ = catalog(api)
    with builders.writing(api) as books:
        user = builders.account(books, name="User").number
        foreign = builders.account(books, name="Foreign", currency="EUR").number
    mine = create(plan, subscriptionOwnerAccountNumber=user)

    api.made("/v1/orders", order(account, mine))

    found = api.found("/v1/subscriptions/A-S00000001")
    assert found["accountNumber"] == user
    assert found["invoiceOwnerAccountNumber"] == account
    response = api.post(
        "/v1/orders", order(account, create(plan, subscriptionOwnerAccountNumber=foreign))
    )
    assert response.json()["reasons"] == [
        {
            "code": 50300030,
            "message": f"The currency of a subscription of account '{foreign}' must be EUR.",
        }
    ]


def test_only_an_active_account_subscribes(api: Api) -> None:
    _, plan, _ = catalog(api)
    with builders.writing(api) as books:
        canceled = builders.account(books, status="Canceled").number

    response = api.post("/v1/orders", order(canceled, create(plan)))

    assert response.json()["reasons"] == [
        {"code": 50300030, "message": f"The account '{canceled}' is not active."}
    ]


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ({"pricing": {"chargeModelData": {}, "recurringFlatFee": None}}, None),
        ({"pricing": {"recurringFlatFee": {"listPrice": 1e30}}}, 50300020),
        ({"prepaidQuantity": -1}, 50300020),
        ({"validityPeriodType": "SPECIFIC_DAYS"}, 50300022),
        ({"name": "N" * 101}, 50300020),
        ({"startDate": {"triggerEvent": "SpecificDate"}}, 50300020),
        ({"endDate": {"endDateCondition": "SpecificEndDate"}}, None),
    ],
)
def test_overrides_that_cannot_be_are_refused(
    api: Api, override: dict[str, Any], code: int | None
) -> None:
    account, plan, _ = catalog(api)
    with builders.writing(api) as books:
        charge = books.product_charges.list(product_rate_plan_id=plan, order_by=["number"])[0]
    said = [{"productRatePlanChargeId": charge.id, **override}]
    chosen = {"productRatePlanId": plan, "chargeOverrides": said}

    response = api.post("/v1/orders", order(account, create(plan, subscribeToRatePlans=[chosen])))

    reasons = response.json().get("reasons", [])
    assert [reason["code"] for reason in reasons] == ([] if code is None else [code])


def test_a_term_that_ends_before_it_starts_is_refused(api: Api) -> None:
    account, plan, _ = catalog(api)
    initial = {"termType": "TERMED", "startDate": "2026-01-01", "endDate": "2026-01-01"}

    response = api.post("/v1/orders", order(account, create(plan, terms={"initialTerm": initial})))

    assert response.json()["reasons"] == [
        {"code": 50300020, "message": "'initialTerm' value is invalid"}
    ]


def test_orders_and_subscriptions_keep_out_of_closed_periods_where_the_entity_says_so(
    api: Api,
) -> None:
    account, plan, top_up = catalog(api)
    number = api.made("/v1/orders", order(account, create(plan)))["subscriptionNumbers"][0]
    january = {"name": "Jan", "startDate": "2026-01-01", "endDate": "2026-01-31"}
    period = api.made("/v1/accounting-periods", {**january, "fiscalYear": 2026})["id"]
    api.put(f"/v1/accounting-periods/{period}/close")
    api.settings(allow_creation_in_closed_period=False)
    february = {"orderDate": "2026-02-01"}
    subscription = {
        "accountKey": account,
        "contractEffectiveDate": "2026-01-31",
        "termType": "EVERGREEN",
        "subscribeToRatePlans": [{"productRatePlanId": plan}],
    }
    requests: list[tuple[str, dict[str, Any], str]] = [
        ("/v1/orders", order(account, add(number, top_up, "2026-02-01")), "order date"),
        ("/v1/orders", order(account, create(plan), **february), "contract effective date"),
        (
            "/v1/orders",
            order(account, add(number, top_up, "2026-01-20"), **february),
            "contract effective date",
        ),
        ("/v1/subscriptions", subscription, "contract effective date"),
    ]
    before = counts(api)

    for path, body, label in requests:
        (reason,) = api.post(path, body).json()["reasons"]
        assert reason["code"] % 100 == 30
        assert reason["message"] == f"The {label} cannot be in a closed accounting period."

    assert counts(api) == before
    api.settings(allow_creation_in_closed_period=True)
    for path, body, _ in requests:
        api.made(path, body)
