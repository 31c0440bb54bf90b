"""Adjustments of invoice items over the wire, in the object dialect."""

from typing import Any

import pytest

from tests.api import Api
from tests.http.billing import ADJUSTMENTS, INVOICES, Shop


def errors(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 400, answer.text
    return [(error["Code"], error["Message"]) for error in answer.json()["Errors"]]


def test_an_adjustment_is_processed_at_once_and_reads_back(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    (item,) = shop.items(invoice)

    made = shop.adjust(
        invoice,
        "99.999",
        InvoiceId=None,
        InvoiceNumber="INV-00000001",
        Comment="Sorry",
        ReasonCode="Goodwill",
        ReferenceId="ref",
        Colour__c="red",
    )

    found = api.found(f"{ADJUSTMENTS}/{made}")
    assert api.found(f"{ADJUSTMENTS}/IIA-00000001") == found
    expected = {
        "Id": made,
        "AccountId": shop.account.id,
        "AccountingCode": "Deferred Revenue",
        "AdjustmentDate": "2024-01-15",
        "AdjustmentNumber": "IIA-00000001",
        "Amount": 100,
        "CancelledById": None,
        "Comment": "Sorry",
        "CustomerName": "Acme",
        "CustomerNumber": shop.account.number,
        "DeferredRevenueAccount": "Deferred Revenue",
        "InvoiceId": invoice["id"],
        "InvoiceItemName": "Fee",
        "InvoiceNumber": "INV-00000001",
        "ReasonCode": "Goodwill",
        "RecognizedRevenueAccount": "Subscription Revenue",
        "ReferenceId": "ref",
        "ServiceStartDate": "2024-01-15",
        "ServiceEndDate": "2024-04-14",
        "SourceId": item["id"],
        "SourceType": "InvoiceDetail",
        "Status": "Processed",
        "Type": "Credit",
        "Colour__c": "red",
    }
    assert {name: found[name] for name in expected} == expected
    balance = api.found(f"{INVOICES}/{invoice['id']}")
    assert (balance["adjustmentAmount"], balance["balance"]) == (-100, 200)


def test_an_adjustment_is_canceled_for_good(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    made = shop.adjust(invoice, 100)
    path = f"{ADJUSTMENTS}/{made}"

    assert api.put(path, {"ReasonCode": "Wrong"}).json() == {"Success": True, "Id": made}
    assert api.put(path, {"Status": "Canceled"}).json() == {"Success": True, "Id": made}

    found = api.found(path)
    assert (found["Status"], found["ReasonCode"]) == ("Canceled", "Wrong")
    assert found["CancelledDate"] == "2026-01-15 12:00:00"
    assert api.found(f"{INVOICES}/{invoice['id']}")["balance"] == 300
    for change in ({"Status": "Canceled"}, {"ReasonCode": "Again"}):
        assert errors(api.put(path, change)) == [
            ("INVALID_VALUE", "Invoice item adjustment IIA-00000001 is canceled already.")
        ]


def test_a_charge_that_was_credited_is_not_canceled(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    charge = shop.adjust(invoice, 50, Type="Charge")
    credit = shop.adjust(invoice, 310)
    path = f"{ADJUSTMENTS}/{charge}"

    assert errors(api.put(path, {"Status": "Canceled"})) == [
        (
            "INVALID_VALUE",
            (
                "Invoice item adjustment IIA-00000001 cannot be canceled: what it added has been "
                "credited."
            ),
        )
    ]
    api.put(f"{ADJUSTMENTS}/{credit}", {"Status": "Canceled"})
    assert api.put(path, {"Status": "Canceled"}).json()["Success"] is True


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no invoice": (
        {"InvoiceId": None},
        "MISSING_REQUIRED_VALUE",
        "Missing required value: InvoiceId or InvoiceNumber",
    ),
    "an unknown invoice": (
        {"InvoiceId": "nothing"},
        "INVALID_VALUE",
        "Cannot find entity by key: 'nothing'.",
    ),
    "an unknown item": (
        {"SourceId": "nothing"},
        "INVALID_VALUE",
        "Invoice INV-00000001 has no item 'nothing'.",
    ),
    "nothing": ({"Amount": 0}, "INVALID_VALUE", "'Amount' value should be greater than 0"),
    "too much": (
        {"Amount": "300.01"},
        "INVALID_VALUE",
        "'Amount' is more than is left of the invoice item to credit, 300.00.",
    ),
    "no date": (
        {"AdjustmentDate": None},
        "MISSING_REQUIRED_VALUE",
        "Missing required value: AdjustmentDate",
    ),
    "a tax": (
        {"SourceType": "Tax"},
        "INVALID_VALUE",
        "'SourceType' value should be one of: InvoiceDetail",
    ),
    "a gift": ({"Type": "Gift"}, "INVALID_VALUE", "'Type' value should be one of: Credit, Charge"),
}


@pytest.mark.parametrize(("changes", "code", "message"), WRONG.values(), ids=WRONG)
def test_an_adjustment_that_cannot_be_is_refused(
    api: Api, changes: dict[str, Any], code: str, message: str
) -> None:
    shop = Shop(api)
    body = shop.adjustment(shop.posted(), 1, **changes)

    assert errors(api.post(ADJUSTMENTS, body)) == [(code, message)]


def test_an_adjustment_needs_a_posted_invoice(api: Api) -> None:
    shop = Shop(api)
    body = shop.adjustment(shop.draft(), 1)

    assert errors(api.post(ADJUSTMENTS, body)) == [
        (
            "INVALID_VALUE",
            "An invoice item adjustment needs a posted invoice: INV-00000001 is a draft.",
        )
    ]


def test_a_number_of_one_s_own_is_not_taken_twice(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    body = shop.adjustment(invoice, 1, AdjustmentNumber="IIA-00000001")
    api.made(ADJUSTMENTS, body)

    assert errors(api.post(ADJUSTMENTS, body)) == [
        ("DUPLICATE_VALUE", "The adjustment number specified already exists.")
    ]
    made = shop.adjust(invoice, 1)
    assert api.found(f"{ADJUSTMENTS}/{made}")["AdjustmentNumber"] == "IIA-00000002"


def test_what_is_not_there_is_not_found(api: Api) -> None:
    for method in ("GET", "PUT"):
        answer = api.request(method, f"{ADJUSTMENTS}/nothing", {} if method == "PUT" else None)
        assert (answer.status_code, answer.json()["size"]) == (404, 0)
