"""Custom limited rules: schedules made by hand come to no more than was billed (R 3.1)."""

from typing import Any

import pytest

from tests.api import Api
from tests.http.billing import CREDIT_MEMOS, INVOICES, SCHEDULES, Shop
from tests.http.by_hand import refusal

EVENT = {"revenueEvent": {"eventType": "Revenue Distributed"}}


def too_much(amount: str, billed: str) -> tuple[int, str]:
    return 50600030, (
        "The revenue schedules of a charge with a custom limited recognition rule cannot come to "
        f"more than was billed: {amount} of {billed}."
    )


@pytest.fixture
def shop(api: Api) -> Shop:
    shop = Shop(api, rule="Limited")
    shop.rule("Limited", "custom - limited recognition")
    return shop


def body(amount: str) -> dict[str, Any]:
    return {"amount": amount, "revenueScheduleDate": "2024-01-15"}


def path(shop: Shop) -> str:
    return f"{SCHEDULES}/subscription-charges/{shop.charge.id}"


def test_schedules_by_hand_come_to_what_was_billed_and_no_more(api: Api, shop: Shop) -> None:
    assert refusal(api, "POST", path(shop), body("0.01")) == too_much("0.01", "0.00")
    shop.draft()
    assert refusal(api, "POST", path(shop), body("0.01")) == too_much("0.01", "0.00")

    shop.posted()
    assert api.found(path(shop))["revenueSchedules"] == []  # Billing makes none.
    api.made(path(shop), body("250"))
    assert refusal(api, "POST", path(shop), body("50.01")) == too_much("300.01", "300.00")
    made = api.made(path(shop), body("50"))

    assert made["revenueScheduleNumber"] == "RS-00000002"
    assert len(api.found(path(shop))["revenueSchedules"]) == 2


def test_memos_and_adjustments_change_what_was_billed(api: Api, shop: Shop) -> None:
    invoice = shop.posted()
    shop.adjust(invoice, 20)
    shop.memo_of(CREDIT_MEMOS, invoice, "30")
    api.made(path(shop), body("250"))

    assert refusal(api, "POST", path(shop), body("1")) == too_much("251.00", "250.00")
    shop.adjust(invoice, 5, Type="Charge")
    api.made(path(shop), body("5"))
    shop.put(f"{CREDIT_MEMOS}/CM-00000001/cancel")
    assert refusal(api, "POST", path(shop), body("30.01")) == too_much("285.01", "285.00")


def test_what_takes_away_is_never_refused(api: Api, shop: Shop) -> None:
    invoice = shop.posted()
    api.made(path(shop), body("300"))
    shop.memo_of(CREDIT_MEMOS, invoice, "100")

    api.made(path(shop), body("-40"))  # 260 of 200 is less too much than 300 was.
    assert refusal(api, "POST", path(shop), body("1")) == too_much("261.00", "200.00")


def test_the_schedule_of_an_item_counts_too(api: Api, shop: Shop) -> None:
    (item,) = shop.items(shop.posted())
    api.made(path(shop), body("0.01"))
    of_item = f"{SCHEDULES}/invoice-items/{item['id']}"

    assert refusal(api, "POST", of_item, EVENT) == too_much("300.01", "300.00")
    assert api.delete(f"{SCHEDULES}/RS-00000001").json() == {"success": True}
    api.made(of_item, EVENT)
    assert refusal(api, "POST", path(shop), body("0.01")) == too_much("300.01", "300.00")


def test_a_canceled_invoice_bills_nothing(api: Api, shop: Shop) -> None:
    invoice = shop.posted()
    shop.put(f"{INVOICES}/{invoice['id']}/cancel")

    assert refusal(api, "POST", path(shop), body("1")) == too_much("1.00", "0.00")
