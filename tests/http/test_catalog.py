"""The v1 catalog over the wire."""

from tests import builders
from tests.api import Api
from tests.http.test_product_charges import CHARGES, DRAWDOWN, PREPAYMENT, TIERS, priced
from tests.http.test_products import PLANS, PRODUCTS, TOKENS


def catalog(api: Api) -> tuple[str, str]:
    """Offer a plan that prepays tokens; return the ids of product and plan."""
    with builders.writing(api) as books:
        builders.unit(books, "Token")
        builders.unit(books, "Call")
    product_id = api.made(PRODUCTS, TOKENS)["Id"]
    plan = {"Name": "Monthly", "ProductId": product_id, "Level__c": "gold"}
    plan_id = api.made(PLANS, plan)["Id"]
    for charge in (PREPAYMENT, DRAWDOWN):
        api.made(CHARGES, {**charge, "ProductRatePlanId": plan_id})
    return product_id, plan_id


def test_a_product_is_read_by_id_and_by_number(api: Api) -> None:
    product_id, _ = catalog(api)

    for key in (product_id, "PC-00000001"):
        assert api.found(f"/v1/catalog/product/{key}") == {
            "id": product_id,
            "sku": "PC-00000001",
            "productNumber": "PC-00000001",
            "name": "Tokens",
            "category": "Base Products",
            "description": None,
            "effectiveStartDate": "2026-01-01",
            "effectiveEndDate": "2036-01-01",
            "productRatePlans": f"/v1/rateplan/{product_id}/productRatePlan",
            "productFeatures": [],
            "Line__c": "AI",
            "success": True,
        }


def test_products_are_listed_with_the_last_changed_first(api: Api) -> None:
    ids = [api.made(PRODUCTS, {**TOKENS, "Name": name})["Id"] for name in "ABC"]
    api.put(f"{PRODUCTS}/{ids[0]}", {"Description": "New"})

    first = api.found("/v1/catalog/products?pageSize=2")
    second = api.found(first["nextPage"])

    names = [product["name"] for page in (first, second) for product in page["products"]]
    assert names == ["A", "C", "B"]
    assert "nextPage" not in second


def test_the_plans_of_a_product_come_with_their_charges(api: Api) -> None:
    product_id, plan_id = catalog(api)

    (plan,) = api.found(f"/v1/rateplan/{product_id}/productRatePlan")["productRatePlans"]

    assert (plan["id"], plan["name"], plan["status"]) == (plan_id, "Monthly", "Active")
    assert plan["Level__c"] == "gold"
    prepayment, drawdown = plan["productRatePlanCharges"]
    assert (prepayment["type"], prepayment["model"]) == ("Recurring", "FlatFee")
    assert prepayment["billingTiming"] == "IN_ADVANCE"
    assert prepayment["prepaidTotalQuantity"] == 100000
    assert prepayment["financeInformation"]["deferredRevenueAccountingCode"] == "Deferred Tokens"
    assert prepayment["pricing"][0]["price"] == "1000"
    assert prepayment["pricing"][0]["tiers"] is None
    assert (drawdown["type"], drawdown["model"]) == ("Usage", "TieredWithOverage")
    assert drawdown["drawdownRate"] == 2.5
    (pricing,) = drawdown["pricing"]
    assert pricing["price"] is None
    assert pricing["overagePrice"] == "0.05"
    assert pricing["tiers"][0] == {
        "tier": 1,
        "startingUnit": "0",
        "endingUnit": "1000",
        "price": "0.03",
        "priceFormat": "PerUnit",
    }


def test_an_overage_charge_shows_what_is_included_and_what_more_costs(api: Api) -> None:
    product_id, plan_id = catalog(api)
    overage = {
        "Name": "More",
        "ProductRatePlanId": plan_id,
        "ChargeModel": "Overage Pricing",
        "ChargeType": "Usage",
        "UOM": "Call",
        "IncludedUnits": 1000,
        "BillCycleType": "SpecificDayofMonth",
        "BillCycleDay": 5,
        TIERS: priced({"Price": 0.5}),
    }
    api.made(CHARGES, overage)

    (plan,) = api.found(f"/v1/rateplan/{product_id}/productRatePlan")["productRatePlans"]

    charge = plan["productRatePlanCharges"][2]
    assert charge["billingDay"] == "SpecificDayofMonth(5)"
    assert charge["includedUnits"] == "1000"
    assert charge["pricing"][0]["price"] is None
    assert charge["pricing"][0]["overagePrice"] == "0.5"


def test_a_plan_is_sold_as_long_as_its_product_unless_it_says_otherwise(api: Api) -> None:
    product_id, plan_id = catalog(api)
    dates = {"EffectiveStartDate": "2026-01-16", "EffectiveEndDate": "2026-02-01"}
    later = api.made(PLANS, {"Name": "Later", "ProductId": product_id, **dates})["Id"]
    api.put(f"{PLANS}/{plan_id}", {"EffectiveEndDate": "2026-01-14"})

    old, new = (api.found(f"/v1/product-rate-plans/{key}") for key in (plan_id, later))

    assert (old["status"], old["effectiveStartDate"]) == ("Expired", "2026-01-01")
    assert (new["status"], new["effectiveStartDate"]) == ("NotStarted", "2026-01-16")
    assert api.found("/v1/product-rate-plans/PRP-00000002")["id"] == later


def test_what_is_not_in_the_catalog_is_not_found(api: Api) -> None:
    for path in ("catalog/product/x", "rateplan/x/productRatePlan", "product-rate-plans/x"):
        response = api.get(f"/v1/{path}")
        assert response.status_code == 404
        assert response.json()["reasons"][0]["code"] == 50000040
