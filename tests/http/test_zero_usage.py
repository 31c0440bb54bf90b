"""Service periods in which nothing was used (U 2.20)."""

from typing import Any

import pytest

from tests.api import Api
from tests.http.billing import INVOICES
from tests.http.test_fees import ORDERS, act, canceled
from tests.http.till import CODES_OF_BOOKS, Till, drawn, metered, prepaid, tier

JANUARY, FEBRUARY = "2022-01-01/2022-01-31", "2022-02-01/2022-02-28"


def fee(start: int | None, price: str = "5", ends: int = 10) -> Any:
    """Return a flat fee up to some units, from 0 or from 1 on."""
    return tier(price, ends, starting_unit=start, price_format="FlatFee")


def calls(*tiers: Any, model: str = "Volume", **facts: Any) -> Any:
    return metered(*tiers, charge_model=model, name="Calls", **facts)


@pytest.mark.parametrize("model", ["Volume", "Tiered"])
@pytest.mark.parametrize(("start", "items"), [(0, [5, 5]), (1, []), (None, [])])
def test_u_2_20_a_flat_fee_is_due_without_usage_if_it_starts_at_0(
    api: Api, model: str, start: int | None, items: list[int]
) -> None:
    till = Till(api, calls(fee(start), tier("1", None, 2), model=model))

    billed, credited = till.bill("2022-03-01")

    periods = [JANUARY, FEBRUARY]
    assert billed == [
        ("Calls", 0, price, days) for price, days in zip(items, periods, strict=False)
    ]
    assert (credited, till.bill("2022-03-01")) == ([], ([], []))
    till.audit()


def test_the_fee_is_earned_on_the_last_day_and_billed_once(api: Api) -> None:
    till = Till(api, calls(fee(0), tier("1", None, 2)))
    till.bill("2022-02-01")
    (row,) = api.found("/object-query/daily-consumption-summaries")["data"]
    assert (row["transactionDate"], row["dailyTotalQuantity"]) == ("2022-01-31", 0)
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "5.00",
        "Deferred Revenue": "0.00",
        "Unbilled": "0.00",
        "Subscription Revenue": "-5.00",
    }
    (item,) = api.found(f"{INVOICES}/{till.made['invoices'][0]['id']}/items")["invoiceItems"]
    data = api.found(f"{INVOICES}/invoice-item/{item['id']}/usage-rate-detail")["data"]
    assert data["rateDetail"] == "Tier 1: 0-10, $5.00 Flat Fee\nTotal = $5.00"

    till.use(4, "2022-01-10")  # Late, and within the fee.
    assert till.bill("2022-02-01")[0] == [("Calls", 4, 0, JANUARY)]
    till.use(7, "2022-01-10")  # Eleven at 1.00.
    assert till.bill("2022-02-01")[0] == [("Calls", 7, 6, JANUARY)]
    till.audit()


def test_a_canceled_invoice_of_nothing_is_due_again(api: Api) -> None:
    till = Till(api, calls(fee(0), tier("1", None, 2)))
    till.bill("2022-02-01")
    till.cancel()
    till.audit()

    assert till.bill("2022-02-01")[0] == [("Calls", 0, 5, JANUARY)]
    till.audit()


def test_usage_that_is_taken_back_leaves_the_fee(api: Api) -> None:
    api.settings(rate_usage_individually=True)
    till = Till(api, calls(fee(0), tier("1", None, 2)))
    record = till.use(30, "2022-01-10")
    api.delete(f"/v1/object/usage/{record}")

    assert till.bill("2022-02-01")[0] == [("Calls", 0, 5, JANUARY)]
    till.audit()


@pytest.mark.parametrize("setting", [{}, {"rate_usage_individually": True}])
def test_periods_without_usage_are_items_of_nothing_where_that_is_wanted(
    api: Api, setting: dict[str, bool]
) -> None:
    api.settings(bill_periods_without_usage=True, **setting)
    till = Till(api, calls(tier("2"), model="PerUnit"), prepaid(10, 100), drawn(1))
    till.use(3, "2022-02-10", ChargeNumber=till.sold.charge("Calls").number)

    paid = ("Prepayment", 1, 100, "2022-01-01/2022-12-31")
    assert till.bill("2022-03-01")[0] == [
        paid,
        ("Calls", 0, 0, JANUARY),
        ("Calls", 3, 6, FEBRUARY),
    ]
    assert till.bill("2022-03-01") == ([], [])
    till.use(1, "2022-01-31", ChargeNumber=till.sold.charge("Calls").number)
    assert till.bill("2022-03-01")[0] == [("Calls", 1, 2, JANUARY)]
    till.audit()


def test_nothing_is_rated_where_usage_is_left_out(api: Api) -> None:
    till = Till(api, calls(fee(0), tier("1", None, 2)))

    assert till.bill("2022-02-01", chargeTypeToExclude=["Usage"]) == ([], [])
    assert api.found("/object-query/rating-results")["data"] == []


@pytest.mark.parametrize("individually", [False, True])
def test_a_fee_is_taken_back_with_the_days_of_its_charge(api: Api, *, individually: bool) -> None:
    api.settings(rate_usage_individually=individually)
    till = Till(api, calls(fee(0), tier("1", None, 2)))
    till.bill("2022-03-01")
    api.made(ORDERS, canceled("2022-01-15"))
    till.audit()

    assert till.bill("2022-03-01") == ([], [("Calls", 0, 5, FEBRUARY)])
    till.audit()
    assert till.bill("2022-03-01") == ([], [])
    assert api.delete(f"{ORDERS}/O-00000001").json()["success"]
    till.audit()
    assert till.bill("2022-03-01") == ([("Calls", 0, 5, FEBRUARY)], [])
    till.audit()
    assert till.balance(*CODES_OF_BOOKS)["Subscription Revenue"] == "-10.00"


@pytest.mark.parametrize("used", [0, 3])
def test_a_period_of_two_segments_has_one_fee(api: Api, used: int) -> None:
    till = Till(api, calls(fee(0), tier("1", None, 2)))
    charge = till.sold.charge("Calls")
    tiers = [
        {"tier": 1, "startingUnit": 0, "endingUnit": 10, "price": 7, "priceFormat": "FlatFee"},
        {"tier": 2, "startingUnit": 11, "price": 2, "priceFormat": "PerUnit"},
    ]
    update = {"chargeNumber": charge.number, "pricing": {"usageVolume": {"tiers": tiers}}}
    plan = {"ratePlanId": charge.rate_plan_id, "chargeUpdates": [update]}
    api.made(ORDERS, act("UpdateProduct", "2022-01-15", **plan))
    if used:
        till.use(used, "2022-01-05")

    # Of usage before the change the price before it, and of none the price of the rest.
    january = ("Calls", used, 5 if used else 7, JANUARY)
    assert till.bill("2022-03-01")[0] == [january, ("Calls", 0, 7, FEBRUARY)]
    till.audit()


def test_a_fee_that_was_billed_before_its_charge_changed_is_billed_as_it_is_now(api: Api) -> None:
    till = Till(api, calls(fee(0), tier("1", None, 2)))
    charge = till.sold.charge("Calls")
    till.bill("2022-03-01")
    tiers = [{"tier": 1, "startingUnit": 0, "price": 7, "priceFormat": "FlatFee"}]
    update = {"chargeNumber": charge.number, "pricing": {"usageVolume": {"tiers": tiers}}}
    plan = {"ratePlanId": charge.rate_plan_id, "chargeUpdates": [update]}
    api.made(ORDERS, act("UpdateProduct", "2022-02-01", **plan))

    february = ("Calls", 0, 7, FEBRUARY), ("Calls", 0, 5, FEBRUARY)
    assert till.bill("2022-03-01") == ([february[0]], [february[1]])
    assert till.bill("2022-03-01") == ([], [])
    till.audit()


def test_a_fee_that_is_given_up_in_a_period_is_not_due_of_it(api: Api) -> None:
    till = Till(api, calls(fee(0), tier("1", None, 2)))
    charge = till.sold.charge("Calls")
    update = {
        "chargeNumber": charge.number,
        "pricing": {"usageVolume": {"tiers": [{"tier": 1, "price": 2}]}},
    }
    plan = {"ratePlanId": charge.rate_plan_id, "chargeUpdates": [update]}
    api.made(ORDERS, act("UpdateProduct", "2022-02-15", **plan))

    assert till.bill("2022-04-01") == ([("Calls", 0, 5, JANUARY)], [])
    till.audit()
