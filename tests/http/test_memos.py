"""Credit and debit memos over the wire: of charges, and of invoices."""

from typing import Any

import pytest

from tests.api import Api
from tests.http.billing import CREDIT_MEMOS, DEBIT_MEMOS, INVOICES, Shop, refused

PATHS = (CREDIT_MEMOS, DEBIT_MEMOS)
ITEM_FIELDS = {
    "serviceStartDate": "2024-01-15",
    "serviceEndDate": "2024-04-14",
    "skuName": "Fee",
    "sourceItemType": "SubscriptionComponent",
    "processingType": "Charge",
    "amount": 300,
    "amountWithoutTax": 300,
}


@pytest.mark.parametrize(
    ("path", "number", "day"),
    [
        (CREDIT_MEMOS, "CM-00000001", "creditMemoDate"),
        (DEBIT_MEMOS, "DM-00000001", "debitMemoDate"),
    ],
)
def test_a_memo_of_a_charge_is_drafted_and_reads_back(
    api: Api, path: str, number: str, day: str
) -> None:
    shop = Shop(api)

    made = shop.memo(path, comment="Sorry", reasonCode="Goodwill", Colour__c="red")

    assert made["number"] == number
    for key in (made["id"], number):
        assert api.found(f"{path}/{key}") == made
    assert (made["amount"], made["currency"], made[day]) == (300, "USD", "2024-01-15")
    assert (made["status"], made["sourceType"]) == ("Draft", "Standalone")
    assert (made["comment"], made["reasonCode"], made["Colour__c"]) == ("Sorry", "Goodwill", "red")
    assert (made["accountId"], made["accountNumber"]) == (shop.account.id, shop.account.number)
    assert (made["referredInvoiceId"], made["postedOn"]) == (None, None)
    item = shop.item_of(path, made)
    assert {name: item[name] for name in ITEM_FIELDS} == ITEM_FIELDS
    assert item["subscriptionId"] == shop.charge.original_subscription_id
    assert item["sourceItemId"] == shop.charge.product_rate_plan_charge_id
    one = api.found(f"{path}/{made['id']}/items/{item['id']}")
    assert one == {**item, "success": True}


def test_a_credit_memo_is_unapplied_and_a_debit_memo_is_to_be_paid(api: Api) -> None:
    shop = Shop(api)

    credit = shop.memo(CREDIT_MEMOS, autoPost=True)
    debit = shop.memo(DEBIT_MEMOS, autoPost=True, dueDate="2024-02-14")

    assert (credit["unappliedAmount"], credit["appliedAmount"]) == (300, 0)
    assert "dueDate" not in credit
    assert (debit["balance"], debit["beAppliedAmount"]) == (300, 0)
    assert debit["dueDate"] == "2024-02-14"
    assert (credit["status"], credit["postedOn"]) == ("Posted", "2026-01-15 12:00:00")


def test_a_memo_goes_from_draft_to_posted_to_canceled(api: Api) -> None:
    shop = Shop(api)
    memo = shop.memo(CREDIT_MEMOS)
    path = f"{CREDIT_MEMOS}/{memo['id']}"

    assert shop.put(f"{path}/post")["status"] == "Posted"
    assert refused(api, "PUT", f"{path}/post") == (
        50000030,
        "Credit memo CM-00000001 cannot be posted: it is posted already.",
    )
    canceled = shop.put(f"{path}/cancel")
    assert (canceled["status"], canceled["cancelledOn"]) == ("Canceled", "2026-01-15 12:00:00")
    assert canceled["unappliedAmount"] == 0
    assert refused(api, "PUT", f"{path}/cancel") == (
        50000030,
        "Credit memo CM-00000001 cannot be canceled: it is canceled already.",
    )
    assert refused(api, "DELETE", path) == (
        50000030,
        "Credit memo CM-00000001 cannot be deleted: it has been posted.",
    )


@pytest.mark.parametrize("path", PATHS)
def test_a_memo_that_was_never_posted_is_deleted(api: Api, path: str) -> None:
    shop = Shop(api)
    draft, canceled = shop.memo(path), shop.memo(path)
    shop.put(f"{path}/{canceled['id']}/cancel")

    for memo in (draft, canceled):
        assert api.delete(f"{path}/{memo['id']}").json() == {"success": True}
        assert api.get(f"{path}/{memo['id']}").status_code == 404


def test_a_memo_of_the_catalog_takes_the_older_names(api: Api) -> None:
    shop = Shop(api)
    charge = {
        "chargeId": shop.charge.product_rate_plan_charge_id,
        "memoItemAmount": "12.345",
        "comment": "Half of it",
        "financeInformation": {"recognizedRevenueAccountingCode": "Other"},
    }
    api.made("/v1/accounting-codes", {"name": "Other", "type": "OtherRevenue"})
    body = {"accountId": shop.account.id, "charges": [charge], "number": "MINE-1"}

    made = api.made(CREDIT_MEMOS, body)

    assert (made["number"], made["amount"], made["creditMemoDate"]) == (
        "MINE-1",
        12.35,
        "2026-01-15",
    )
    item = shop.item_of(CREDIT_MEMOS, made)
    assert (item["description"], item["sourceItemType"]) == ("Half of it", "ProductRatePlanCharge")
    assert (item["serviceStartDate"], item["serviceEndDate"]) == ("2026-01-15", "2026-01-15")
    assert item["subscriptionId"] is None
    assert item["financeInformation"] == {
        "deferredRevenueAccountingCode": "Deferred Revenue",
        "deferredRevenueAccountingCodeType": "Liabilities: Deferred Revenue",
        "onAccountAccountingCode": None,
        "onAccountAccountingCodeType": None,
        "recognizedRevenueAccountingCode": "Other",
        "recognizedRevenueAccountingCodeType": "Revenue: Other",
        "revenueRecognitionRuleName": "Recognize daily over time",
        "revenueScheduleNumber": None,
    }


def test_a_memo_of_a_charge_has_its_service_period_unless_it_is_said(api: Api) -> None:
    shop = Shop(api)

    memo = shop.memo(CREDIT_MEMOS, item={"serviceStartDate": None, "serviceEndDate": None})

    item = shop.item_of(CREDIT_MEMOS, memo)
    assert (item["serviceStartDate"], item["serviceEndDate"]) == ("2024-01-01", "2024-12-31")


def test_a_memo_of_an_invoice_is_as_its_item(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    (billed,) = shop.items(invoice)

    for path in PATHS:
        memo = shop.memo_of(path, invoice, 120)

        assert (memo["sourceType"], memo["referredInvoiceId"]) == ("Invoice", invoice["id"])
        item = shop.item_of(path, memo)
        assert (item["sourceItemId"], item["sourceItemType"]) == (billed["id"], "InvoiceDetail")
        assert (item["amount"], item["skuName"]) == (120, "Fee")
        assert (item["serviceStartDate"], item["serviceEndDate"]) == ("2024-01-15", "2024-04-14")
        assert item["subscriptionId"] == billed["subscriptionId"]


def test_no_more_is_credited_than_was_billed(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    path = f"{CREDIT_MEMOS}/invoice/{invoice['id']}"
    draft = shop.memo_of(CREDIT_MEMOS, invoice, 200, autoPost=False)
    shop.adjust(invoice, 20, Type="Charge")
    shop.adjust(invoice, "50.50")

    assert shop.items(invoice)[0]["availableToCreditAmount"] == 69.5
    assert refused(api, "POST", path, shop.of(invoice, "69.51")) == (
        50910030,
        "'items.0.amount' is more than is left of the invoice item to credit, 69.50.",
    )
    twice = shop.of(invoice, 69)
    twice["items"] *= 2
    assert refused(api, "POST", path, twice)[0] == 50910030
    shop.put(f"{CREDIT_MEMOS}/{draft['id']}/cancel")
    assert shop.memo_of(CREDIT_MEMOS, invoice, "269.50")["amount"] == 269.5
    assert shop.items(invoice)[0]["availableToCreditAmount"] == 0


def test_a_debit_memo_of_an_invoice_may_be_of_any_amount(api: Api) -> None:
    shop = Shop(api)

    assert shop.memo_of(DEBIT_MEMOS, shop.posted(), 1000)["amount"] == 1000


def test_an_invoice_is_canceled_after_what_was_made_of_it(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    credit = shop.memo_of(CREDIT_MEMOS, invoice, 100, autoPost=False)
    debit = shop.memo_of(DEBIT_MEMOS, invoice, 100)
    adjustment = shop.adjust(invoice, 10)
    path = f"{INVOICES}/{invoice['id']}/cancel"

    assert refused(api, "PUT", path) == (
        50000030,
        (
            "Invoice INV-00000001 cannot be canceled before what was made of it: "
            "CM-00000001, DM-00000001, IIA-00000001."
        ),
    )
    api.delete(f"{CREDIT_MEMOS}/{credit['id']}")
    shop.put(f"{DEBIT_MEMOS}/{debit['id']}/cancel")
    api.put(f"/v1/object/invoice-item-adjustment/{adjustment}", {"Status": "Canceled"})
    shop.put(path)


def test_a_memo_needs_a_posted_invoice(api: Api) -> None:
    shop = Shop(api)
    draft = shop.draft()
    path = f"{CREDIT_MEMOS}/invoice/{draft['id']}"

    assert refused(api, "POST", path, shop.of(draft, 1)) == (
        50910030,
        "A credit memo needs a posted invoice: INV-00000001 is a draft.",
    )
    shop.put(f"{INVOICES}/{draft['id']}/cancel")
    assert refused(api, "POST", path, shop.of(draft, 1)) == (
        50910030,
        "A credit memo needs a posted invoice: INV-00000001 is canceled.",
    )
    assert refused(api, "POST", f"{CREDIT_MEMOS}/invoice/nothing", shop.of(draft, 1)) == (
        50000040,
        "Cannot find entity by key: 'nothing'.",
    )


WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "no charge": (
        {"charges": [{"amount": 1}]},
        22,
        "'charges.0.productRatePlanChargeId' may not be null",
    ),
    "no amount": ({"charges": [{"chargeId": "x"}]}, 22, "'charges.0.amount' may not be null"),
    "nothing": (
        {"charges": [{"chargeId": "x", "amount": "0.001"}]},
        20,
        "'charges.0.amount' value should be greater than 0",
    ),
    "less than nothing": (
        {"charges": [{"chargeId": "x", "amount": -1}]},
        20,
        "'charges.0.amount' value should be greater than 0",
    ),
    "no charges": ({"charges": []}, 22, "'charges' should have at least one item"),
    "two accounts": (
        {"accountId": "x", "charges": [{"chargeId": "x", "amount": 1}]},
        40,
        "Cannot find entity by key: 'x'.",
    ),
}


@pytest.mark.parametrize(("changes", "category", "message"), WRONG.values(), ids=WRONG)
def test_a_memo_that_cannot_be_is_refused(
    api: Api, changes: dict[str, Any], category: int, message: str
) -> None:
    shop = Shop(api)
    body = {"accountNumber": shop.account.number, "effectiveDate": "2024-01-15", **changes}

    code, told = refused(api, "POST", DEBIT_MEMOS, body)

    assert (code % 100, told) == (category, message)


def test_an_item_of_another_invoice_is_refused(api: Api) -> None:
    shop = Shop(api)
    one, other = shop.posted(), shop.posted()
    path = f"{DEBIT_MEMOS}/invoice/{one['id']}"

    code, told = refused(api, "POST", path, shop.of(other, 1))
    assert (code, told.startswith("Invoice INV-00000001 has no item")) == (50920020, True)
    assert refused(api, "POST", path, shop.of(one, 1, invoiceId=other["id"])) == (
        50920020,
        "'invoiceId' value should be that of the invoice in the path",
    )
