"""Revenue schedules of billing transactions made by hand: R 2, operations 3 to 14."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api import Api
from tests.http.billing import CREDIT_MEMOS, DEBIT_MEMOS, INVOICES, SCHEDULES, Shop, refused
from tests.http.by_hand import new_amounts

EVENT = {"revenueEvent": {"eventType": "Revenue Distributed"}}
RANGE = {"recognitionStart": "2024-01-15", "recognitionEnd": "2024-04-14"}
OVER_RANGE = "distribute-revenue-with-date-range"

Made = tuple[str, int]
"""The path of a posted transaction of 300 in revenue schedules, and its sign."""


def of_invoice(shop: Shop) -> Made:
    (item,) = shop.items(shop.posted())
    return f"{SCHEDULES}/invoice-items/{item['id']}", 1


def of_adjustment(shop: Shop) -> Made:
    adjustment = shop.adjust(shop.posted(), 300)
    return f"{SCHEDULES}/invoice-item-adjustments/{adjustment}", -1


def of_credit_memo(shop: Shop) -> Made:
    item = shop.item_of(CREDIT_MEMOS, shop.memo(CREDIT_MEMOS, autoPost=True))
    return f"{SCHEDULES}/credit-memo-items/{item['id']}", -1


def of_debit_memo(shop: Shop) -> Made:
    item = shop.item_of(DEBIT_MEMOS, shop.memo(DEBIT_MEMOS, autoPost=True))
    return f"{SCHEDULES}/debit-memo-items/{item['id']}", 1


FAMILIES = {
    "invoice item": of_invoice,
    "invoice item adjustment": of_adjustment,
    "credit memo item": of_credit_memo,
    "debit memo item": of_debit_memo,
}
each_family = pytest.mark.parametrize(("words", "made"), FAMILIES.items(), ids=FAMILIES)


@pytest.fixture
def shop(api: Api) -> Shop:
    """Lend a shop whose billing makes no schedules of its own."""
    return Shop(api, automatic=False)


@each_family
def test_a_schedule_by_hand_has_date_amount_and_codes_of_its_transaction(
    shop: Shop, words: str, made: Callable[[Shop], Made]
) -> None:
    path, sign = made(shop)
    amounts = new_amounts({"Jan'2024": sign * 100, "Feb'2024": sign * 200})

    answer = shop.api.made(
        path,
        {
            "revenueDistributions": amounts,
            "revenueEvent": {"eventTypeSystemId": "RevenueDistributed__z", "Why__c": "x"},
            "notes": "By hand",
            "Colour__c": "red",
        },
    )

    assert answer == {"revenueScheduleNumber": "RS-00000001", "success": True}
    assert shop.held() == {"Jan'2024": sign * 100, "Feb'2024": sign * 200}
    found = shop.api.found(path)
    assert found["number"] == "RS-00000001"
    assert (found["amount"], found["revenueScheduleDate"]) == (sign * 300, "2024-01-15")
    assert found["linkedTransactionType"] == words.title().replace(" ", "")
    assert (found["notes"], found["Colour__c"]) == ("By hand", "red")
    assert shop.event() == ("Revenue Distributed", "RevenueDistributed__z")
    item = found["revenueItems"][0]
    assert item["deferredRevenueAccountingCode"] == "Deferred Revenue"
    assert item["recognizedRevenueAccountingCode"] == "Subscription Revenue"


@each_family
def test_a_schedule_over_a_range_is_spread_by_a_formula(
    shop: Shop, words: str, made: Callable[[Shop], Made]
) -> None:
    path, sign = made(shop)

    shop.api.made(f"{path}/{OVER_RANGE}", {**RANGE, **EVENT})

    assert shop.held() == {
        "Jan'2024": sign * 55.93,
        "Feb'2024": sign * 95.41,
        "Mar'2024": sign * 101.99,
        "Apr'2024": sign * 46.67,
    }
    is_of_invoice = words.startswith("invoice")
    other, _ = made(shop)
    answer = shop.api.post(f"{other}/{OVER_RANGE}", RANGE)
    assert answer.json()["success"] is not is_of_invoice


@each_family
def test_r_t33_a_second_schedule_is_refused(
    shop: Shop, words: str, made: Callable[[Shop], Made]
) -> None:
    path, _ = made(shop)
    shop.api.made(path, {})

    for body, target in (({}, path), ({**RANGE, **EVENT}, f"{path}/{OVER_RANGE}")):
        assert refused(shop.api, "POST", target, body) == (
            50600030,
            f"The {words} has a revenue schedule already: RS-00000001.",
        )


@each_family
def test_the_amounts_must_add_up_to_that_of_the_transaction(
    shop: Shop, words: str, made: Callable[[Shop], Made]
) -> None:
    path, sign = made(shop)
    amounts = new_amounts({"Jan'2024": sign * 100, "Feb'2024": sign * 150})

    assert refused(shop.api, "POST", path, {"revenueDistributions": amounts}) == (
        50600030,
        (
            f"The sum of the newAmount fields must be equal to the amount of the {words}, "
            f"{sign * 300}.00."
        ),
    )
    assert shop.api.get(path).status_code == 404


@each_family
def test_without_amounts_all_of_it_is_in_open_ended(
    shop: Shop, words: str, made: Callable[[Shop], Made]
) -> None:
    del words
    path, sign = made(shop)

    shop.api.made(path, None)

    assert shop.held() == {"Open-Ended": sign * 300}


def test_r_t33_what_posting_scheduled_is_not_scheduled_again(api: Api) -> None:
    shop = Shop(api)
    path, _ = of_invoice(shop)

    assert refused(api, "POST", path, {}) == (
        50600030,
        "The invoice item has a revenue schedule already: RS-00000001.",
    )


def test_only_what_is_posted_has_a_schedule(shop: Shop) -> None:
    draft = shop.draft()
    (item,) = shop.items(draft)
    path = f"{SCHEDULES}/invoice-items/{item['id']}"
    refusal = (50600030, "Only a posted invoice item can have a revenue schedule.")

    assert refused(shop.api, "POST", path, {}) == refusal
    shop.put(f"{INVOICES}/{draft['id']}/cancel")
    assert refused(shop.api, "POST", path, {}) == refusal
    assert shop.api.get(path).status_code == 404


def test_a_canceled_transaction_has_none_by_hand(shop: Shop) -> None:
    path, _ = of_adjustment(shop)
    shop.api.put("/v1/object/invoice-item-adjustment/IIA-00000001", {"Status": "Canceled"})

    assert refused(shop.api, "POST", path, {}) == (
        50600030,
        "Only a posted invoice item adjustment can have a revenue schedule.",
    )


def test_what_billing_recognized_has_none(api: Api) -> None:
    shop = Shop(api, rule=None)
    path, _ = of_invoice(shop)

    assert refused(api, "POST", path, {}) == (
        50600030,
        (
            "The invoice item cannot have a revenue schedule: it has no revenue recognition rule, "
            "so billing recognized it."
        ),
    )


def test_amounts_go_into_open_periods_only(shop: Shop) -> None:
    path, _ = of_invoice(shop)
    shop.close("Jan'2024")
    body = {"revenueDistributions": new_amounts({"Jan'2024": 300})}

    assert refused(shop.api, "POST", path, body) == (
        50600030,
        "Revenue cannot be distributed into closed accounting period 'Jan'2024'.",
    )
    shop.api.made(f"{path}/{OVER_RANGE}", {**RANGE, **EVENT})
    assert shop.held() == {"Feb'2024": 151.34, "Mar'2024": 101.99, "Apr'2024": 46.67}


WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "no start": ({"recognitionStart": None}, 22, "'recognitionStart' may not be null"),
    "no end": ({"recognitionEnd": None}, 22, "'recognitionEnd' may not be null"),
    "no event": ({"revenueEvent": None}, 22, "'revenueEvent' may not be null"),
    "an event of no type": (
        {"revenueEvent": {"notes": "x"}},
        22,
        "'revenueEvent.eventType' may not be null",
    ),
    "an unknown type": (
        {"revenueEvent": {"eventType": "Ours"}},
        20,
        "Cannot find revenue event type 'Ours'.",
    ),
    "notes that are too long": (
        {"notes": "x" * 2001},
        20,
        "'notes' value should be at most 2000 characters",
    ),
}


@pytest.mark.parametrize(("changes", "category", "message"), WRONG.values(), ids=WRONG)
def test_a_range_that_cannot_be_is_refused(
    shop: Shop, changes: dict[str, Any], category: int, message: str
) -> None:
    path, _ = of_invoice(shop)
    body = {**RANGE, **EVENT, **changes}

    assert refused(shop.api, "POST", f"{path}/{OVER_RANGE}", body) == (
        506000 * 100 + category,
        message,
    )


def test_a_range_by_months_needs_the_model(shop: Shop) -> None:
    path, _ = of_invoice(shop)
    body = {**RANGE, **EVENT, "distributionType": "monthly distribution (back load)"}

    denied = shop.api.post(f"{path}/{OVER_RANGE}", body)
    assert denied.status_code == 403
    assert denied.json()["reasons"][0]["message"] == (
        "'distributionType' needs the model Monthly recognition over time, which is off."
    )
    shop.api.settings(monthly_recognition=True)
    shop.api.made(f"{path}/{OVER_RANGE}", body)

    assert shop.held() == {"Feb'2024": 100, "Mar'2024": 100, "Apr'2024": 100}


def test_by_hand_the_automation_start_date_does_not_matter(shop: Shop) -> None:
    shop.automate("2024-02-01")
    path, _ = of_invoice(shop)  # Of January 15.

    shop.api.made(path, EVENT)

    assert shop.held() == {"Open-Ended": 300}


def test_an_item_is_found_in_its_own_family_only(shop: Shop) -> None:
    invoice, _ = of_invoice(shop)
    item_id = invoice.rsplit("/", 1)[1]
    unknown = (50000040, f"Cannot find entity by key: '{item_id}'.")

    for family in ("credit-memo-items", "debit-memo-items", "invoice-item-adjustments"):
        path = f"{SCHEDULES}/{family}/{item_id}"
        assert refused(shop.api, "POST", path, {}) == unknown
        assert refused(shop.api, "GET", path) == unknown
    assert refused(shop.api, "GET", invoice) == unknown
