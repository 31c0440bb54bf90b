"""Drafts keep a period open: required action items over the wire (R 5)."""

from typing import Any

from tests.api import Api
from tests.http.billing import CREDIT_MEMOS, DEBIT_MEMOS, INVOICES, Shop
from tests.http.journal import PERIODS

JAN, FEB = "Jan'2024", "Feb'2024"
BEFORE = "The accounting period cannot be closed: post or delete the draft"


def close(shop: Shop, period: str, action: str = "close") -> Any:
    return shop.api.put(f"{PERIODS}/{shop.periods[period]}/{action}").json()


def refusals(answer: Any) -> list[str]:
    assert answer["success"] is False
    return [reason["message"] for reason in answer["reasons"]]


def test_r_t34_a_period_with_a_draft_invoice_is_not_closed(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.draft()

    number = invoice["invoiceNumber"]
    assert refusals(close(shop, JAN)) == [f"{BEFORE} invoice {number} of 2024-01-15."]

    assert close(shop, JAN, "pending-close") == {"success": True}
    assert api.put(f"{INVOICES}/{invoice['id']}/post").json()["success"] is True
    assert close(shop, JAN) == {"success": True}


def test_each_draft_dated_up_to_the_end_of_the_period_is_named(api: Api) -> None:
    shop = Shop(api)
    shop.posted()
    later = shop.draft(invoiceDate="2024-02-01")
    credit = shop.memo(CREDIT_MEMOS, 50, effectiveDate="2024-01-20")
    debit = shop.memo(DEBIT_MEMOS, 60, effectiveDate="2024-01-21")
    invoice = shop.draft(invoiceDate="2024-01-31")

    assert refusals(close(shop, JAN)) == [
        f"{BEFORE} credit memo {credit['number']} of 2024-01-20.",
        f"{BEFORE} debit memo {debit['number']} of 2024-01-21.",
        f"{BEFORE} invoice {invoice['invoiceNumber']} of 2024-01-31.",
    ]

    for path in (f"{CREDIT_MEMOS}/{credit['id']}", f"{DEBIT_MEMOS}/{debit['id']}"):
        assert api.delete(path).json()["success"] is True
    assert api.delete(f"{INVOICES}/{invoice['id']}").json()["success"] is True
    assert close(shop, JAN) == {"success": True}
    assert refusals(close(shop, FEB)) == [
        f"{BEFORE} invoice {later['invoiceNumber']} of 2024-02-01."
    ]
