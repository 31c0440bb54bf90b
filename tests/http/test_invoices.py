"""Invoices over the wire: drafted, posted, read, canceled, deleted."""

from typing import Any

import pytest

from tests.api import Api
from tests.http.billing import INVOICES, SCHEDULES, TERM, Shop, refused


def test_an_invoice_is_drafted_with_its_items_and_reads_back(api: Api) -> None:
    shop = Shop(api)
    made = shop.draft(
        shop.item("300", Why__c="x"),
        {"amount": 12.5, "chargeName": "Setup", "serviceStartDate": "2024-01-15"},
        comments="Thanks",
        Colour__c="red",
    )

    assert made["invoiceNumber"] == "INV-00000001"
    assert made["amount"] == made["balance"] == made["amountWithoutTax"] == 312.5
    found = api.found(f"{INVOICES}/{made['id']}")
    assert found == api.found(f"{INVOICES}/INV-00000001") == made
    assert found["accountId"] == shop.account.id
    assert (found["status"], found["sourceType"], found["source"]) == ("Draft", "Standalone", "API")
    assert (found["invoiceDate"], found["dueDate"]) == ("2024-01-15", "2024-01-15")
    assert (found["currency"], found["comments"], found["Colour__c"]) == ("USD", "Thanks", "red")
    assert (found["postedBy"], found["postedDate"]) == (None, None)
    assert found["createdDate"] == "2026-01-15 12:00:00"
    assert found["billToContactId"] == "b" * 32


def test_items_of_an_invoice_say_what_they_bill(api: Api) -> None:
    shop = Shop(api)
    made = shop.draft(
        shop.item("300", quantity="3", unitPrice=100, Why__c="x"),
        {"amount": 12.5, "chargeName": "Setup", "serviceStartDate": "2024-01-15", "sku": "S-1"},
    )

    fee, setup = shop.items(made)
    assert (fee["chargeName"], fee["chargeAmount"], fee["chargeType"]) == ("Fee", 300, "Recurring")
    assert fee["chargeId"] == shop.charge.original_id
    assert fee["subscriptionId"] == shop.charge.original_subscription_id
    assert fee["subscriptionName"] == "A-S00000001"
    assert fee["productRatePlanChargeId"] == shop.charge.product_rate_plan_charge_id
    assert (fee["serviceStartDate"], fee["serviceEndDate"]) == ("2024-01-15", "2024-04-14")
    assert (fee["quantity"], fee["unitPrice"], fee["Why__c"]) == (3, 100, "x")
    assert fee["revenueRecognitionRuleName"] == "Recognize daily over time"
    assert fee["accountsReceivableAccountingCode"] == "Receivable"
    assert fee["accountingCode"] == fee["deferredRevenueAccountingCode"] == "Deferred Revenue"
    assert fee["recognizedRevenueAccountingCode"] == "Subscription Revenue"
    assert (fee["processingType"], fee["sourceItemType"]) == ("Charge", "SubscriptionComponent")
    assert (setup["chargeName"], setup["sku"], setup["chargeId"]) == ("Setup", "S-1", None)
    assert (setup["serviceStartDate"], setup["serviceEndDate"]) == ("2024-01-15", "2024-01-15")
    assert setup["revenueRecognitionRuleName"] is None


def test_an_item_of_the_catalog_has_the_codes_of_its_charge_whatever_is_said(api: Api) -> None:
    shop = Shop(api)
    item = {
        **TERM,
        "amount": 10,
        "productRatePlanChargeId": shop.charge.product_rate_plan_charge_id,
        "chargeName": "Other",
        "deferredRevenueAccountingCode": "Subscription Revenue",
    }

    (found,) = shop.items(shop.draft(item))

    assert (found["chargeName"], found["chargeId"]) == ("Fee", None)
    assert found["deferredRevenueAccountingCode"] == "Deferred Revenue"
    assert found["sourceItemType"] == "ProductRatePlanCharge"
    assert found["subscriptionId"] is None


def test_amounts_are_rounded_to_the_currency(api: Api) -> None:
    shop = Shop(api)

    assert shop.draft(shop.item("10.005"), shop.item("0.004"))["amount"] == 10.01


def test_items_come_in_pages_of_twenty(api: Api) -> None:
    shop = Shop(api)
    made = shop.draft(*(shop.item(amount) for amount in range(1, 23)))

    first = api.found(f"{INVOICES}/{made['id']}/items")
    assert [item["chargeAmount"] for item in first["invoiceItems"]] == [*range(1, 21)]
    rest = api.found(first["nextPage"].removeprefix("http://testserver"))
    assert [item["chargeAmount"] for item in rest["invoiceItems"]] == [21, 22]
    assert "nextPage" not in rest


def test_posting_puts_it_into_the_books_for_good(api: Api) -> None:
    shop = Shop(api)
    made = shop.draft()

    assert shop.put(f"{INVOICES}/{made['id']}/post") == {
        "id": made["id"],
        "jobStatus": "Completed",
        "success": True,
    }

    found = api.found(f"{INVOICES}/{made['id']}")
    assert (found["status"], found["postedDate"]) == ("Posted", "2026-01-15")
    assert found["postedBy"] == found["updatedById"]
    path = f"{INVOICES}/{made['id']}"
    assert refused(api, "PUT", f"{path}/post") == (
        50900030,
        "Invoice INV-00000001 cannot be posted: it is posted already.",
    )
    assert refused(api, "DELETE", path) == (
        50000030,
        "Invoice INV-00000001 cannot be deleted: it has been posted.",
    )
    assert api.found(path) == found


def test_posting_may_give_a_draft_another_date(api: Api) -> None:
    shop = Shop(api)
    made = shop.draft()

    shop.put(f"{INVOICES}/INV-00000001/post", {"invoiceDate": "2024-02-10"})

    found = api.found(f"{INVOICES}/{made['id']}")
    assert (found["invoiceDate"], found["dueDate"]) == ("2024-02-10", "2024-02-10")
    assert shop.schedule_of(made)["revenueScheduleDate"] == "2024-02-10"


def test_a_draft_may_be_canceled_or_deleted(api: Api) -> None:
    shop = Shop(api)
    one, other = shop.draft(), shop.draft()

    assert shop.put(f"{INVOICES}/{one['id']}/cancel")["jobStatus"] == "Completed"
    answer = api.delete(f"{INVOICES}/{other['id']}").json()

    assert answer == {
        "objectId": other["id"],
        "objectType": "Invoice",
        "operationType": "Delete",
        "status": "Completed",
        "success": True,
    }
    found = api.found(f"{INVOICES}/{one['id']}")
    assert (found["status"], found["balance"]) == ("Canceled", 0)
    assert api.get(f"{INVOICES}/{other['id']}").status_code == 404
    for action, resource in (("post", 509000), ("cancel", 500000)):
        code, message = refused(api, "PUT", f"{INVOICES}/{one['id']}/{action}")
        assert code == resource * 100 + 30
        assert message.endswith("it is canceled already.")
    assert api.delete(f"{INVOICES}/{one['id']}").json()["success"] is True
    assert shop.draft()["invoiceNumber"] == "INV-00000003"


def test_a_number_of_one_s_own_is_kept_and_never_given_twice(api: Api) -> None:
    shop = Shop(api)

    assert shop.draft(invoiceNumber="INV-00000002")["invoiceNumber"] == "INV-00000002"
    assert refused(api, "POST", INVOICES, shop.invoice(invoiceNumber="INV-00000002")) == (
        50900030,
        "The invoice number specified already exists.",
    )
    numbers = [shop.draft()["invoiceNumber"] for _ in range(2)]

    assert numbers == ["INV-00000001", "INV-00000003"]


NO_ACCOUNT: dict[str, Any] = {"accountId": None}
WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "no account": (NO_ACCOUNT, 22, "'accountId' or 'accountNumber' may not be null"),
    "another currency": (
        {"currency": "EUR"},
        20,
        "'currency' value should be that of the account, USD",
    ),
    "due before its date": (
        {"dueDate": "2024-01-14"},
        20,
        "'dueDate' value should not be before the date of the document",
    ),
    "a number with a space": (
        {"invoiceNumber": "INV 1"},
        20,
        "'invoiceNumber' value should be 1 to 32 letters, digits, hyphens and underscores",
    ),
    "no items": ({"invoiceItems": []}, 22, "'invoiceItems' should have at least one item"),
}


@pytest.mark.parametrize(("changes", "category", "message"), WRONG.values(), ids=WRONG)
def test_an_invoice_that_cannot_be_is_refused(
    api: Api, changes: dict[str, Any], category: int, message: str
) -> None:
    shop = Shop(api)

    assert refused(api, "POST", INVOICES, {**shop.invoice(), **changes}) == (
        509000 * 100 + category,
        message,
    )


WRONG_ITEMS: dict[str, tuple[dict[str, Any], int, str]] = {
    "no charge and no name": (
        {"ratePlanChargeId": None},
        22,
        "'invoiceItems.0.chargeName' may not be null",
    ),
    "an unknown charge": (
        {"ratePlanChargeId": "nothing"},
        20,
        "Cannot find entity by key: 'nothing'.",
    ),
    "an amount that is none": ({"amount": "much"}, 20, "'invoiceItems.0.amount' value is invalid"),
    "service that ends before it starts": (
        {"serviceEndDate": "2024-01-14"},
        20,
        "'invoiceItems.0.serviceEndDate' value should be a day from the service start on",
    ),
    "an unknown rule": (
        {"revenueRecognitionRuleName": "Ours"},
        20,
        "'invoiceItems.0.revenueRecognitionRuleName' value is invalid: there is no rule 'Ours'",
    ),
    "an unknown receivable": (
        {"accountsReceivableAccountingCode": "Nothing"},
        20,
        "Cannot find accounting code 'Nothing'.",
    ),
    "a receivable that is none": (
        {"accountsReceivableAccountingCode": "Deferred Revenue"},
        20,
        "Accounting code 'Deferred Revenue' is no receivable.",
    ),
    "less than nothing": (
        {"amount": "-0.01"},
        30,
        "The items of an invoice cannot add up to less than 0: that is a credit memo.",
    ),
}


@pytest.mark.parametrize(("changes", "category", "message"), WRONG_ITEMS.values(), ids=WRONG_ITEMS)
def test_an_item_that_cannot_be_is_refused(
    api: Api, changes: dict[str, Any], category: int, message: str
) -> None:
    shop = Shop(api)

    assert refused(api, "POST", INVOICES, shop.invoice(shop.item(**changes))) == (
        509000 * 100 + category,
        message,
    )
    assert api.get(f"{INVOICES}/INV-00000001").status_code == 404


def test_an_invoice_has_a_thousand_items_at_most(api: Api) -> None:
    shop = Shop(api)
    items = [shop.item(1)] * 1000

    made = shop.posted(*items)

    assert made["amount"] == 1000
    assert api.found(f"{SCHEDULES}/RS-00001000")["amount"] == 1
    assert refused(api, "POST", INVOICES, shop.invoice(*items, shop.item(1)))[0] == 50900020


def test_a_charge_of_somebody_else_is_not_billed(api: Api) -> None:
    shop = Shop(api)
    other = api.made(
        "/v1/accounts",
        {
            "name": "Other",
            "currency": "USD",
            "billToContact": {"firstName": "Ada", "lastName": "Ames"},
        },
    )

    assert refused(api, "POST", INVOICES, shop.invoice(accountId=other["accountId"])) == (
        50900030,
        "Charge C-00000001 belongs to a subscription of another account.",
    )


def test_what_is_not_there_is_not_found(api: Api) -> None:
    for method, path in (
        ("GET", ""),
        ("GET", "/items"),
        ("PUT", "/post"),
        ("PUT", "/cancel"),
        ("DELETE", ""),
    ):
        answer = api.request(method, f"{INVOICES}/nothing{path}")
        assert answer.status_code == 404
        assert answer.json()["reasons"] == [
            {"code": 50000040, "message": "Cannot find entity by key: 'nothing'."}
        ]
