"""What is billed, canceled and billed again: credits of prepayments on memos (U 2.11)."""

from collections import Counter
from typing import Any

import pytest

from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Api

NUMBER = "A-S00000001"


@pytest.fixture
def customer(api: Api) -> Api:
    """Sell 120 units for 120.00 USD a year, beyond them 1.50 each."""
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(
            books, plan, units=120, price=120, period="ANNUAL", billing_period="Annual"
        )
        builders.drawdown_charge(books, plan, price="1.5")
        builders.sell(books, builders.account(books, number="A-1"), plan)
    return api


def bill(api: Api, target: str, **changes: Any) -> tuple[list[float], list[float]]:
    """Bill everything that is due; return the amounts of invoices and of credit memos."""
    body = {"targetDate": target, "effectiveDate": target, "autoPost": True} | changes
    made = api.made("/v1/accounts/A-1/billing-documents/generate", body)
    with builders.writing(api) as books:
        ids = [one["id"] for name in ("invoices", "creditMemos") for one in made.get(name) or ()]
        found = books.documents.list(id=ids, order_by=["number"])
    amounts: dict[str, list[float]] = {"Invoice": [], "CreditMemo": []}
    for one in found:
        amounts[one.kind].append(one.amount_minor / 100)
    return amounts["Invoice"], amounts["CreditMemo"]


def sound(api: Api) -> None:
    with builders.writing(api) as books:
        assert list(audit_books(books, Counter())) == []


def use(api: Api, day: str, quantity: int, **more: Any) -> Any:
    fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": day, "Quantity": quantity}
    return api.post("/v1/object/usage", {**fields, **more})


def cancel(api: Api, day: str) -> Any:
    policy = {"cancellationPolicy": "SpecificDate", "cancellationEffectiveDate": day}
    return api.put(f"/v1/subscriptions/{NUMBER}/cancel", policy).json()


def test_a_cancellation_is_billed_and_so_is_its_undoing(customer: Api) -> None:
    use(customer, "2026-06-30", 60)
    use(customer, "2026-07-01", 20)
    refused = cancel(customer, "2026-07-01")["reasons"][0]
    assert refused["message"] == (
        "The validity period from 2026-01-01 to 2026-12-31 of charge C-00000001 has not been "
        "billed. Every billing period of it must be billed before it can be credited."
    )
    assert bill(customer, "2026-01-01") == ([120], [])

    canceled = cancel(customer, "2026-07-01")

    assert canceled["cancelledDate"] == "2026-07-01"
    assert bill(customer, "2026-08-31") == ([30], [60.49])
    sound(customer)

    path = f"/v1/orders/{canceled['orderNumber']}"
    billed = customer.request("DELETE", path).json()["reasons"][0]["message"]
    assert "was billed since: cancel the invoice of it first." in billed
    with builders.writing(customer) as books:
        invoice = books.documents.list(kind="Invoice", order_by=["-number"])[0]
    assert customer.put(f"/v1/invoices/{invoice.id}/cancel").json()["success"]

    assert customer.request("DELETE", path).json() == {"success": True}

    assert bill(customer, "2026-08-31") == ([60.49], [])
    sound(customer)


@pytest.mark.parametrize("post", [True, False])
def test_what_was_billed_of_a_fund_is_canceled_after_its_credit(
    customer: Api, *, post: bool
) -> None:
    bill(customer, "2026-01-01", autoPost=post)
    customer.settings(credit_unbilled_periods=True)
    cancel(customer, "2026-07-01")
    assert bill(customer, "2026-07-01") == ([], [60.49])
    with builders.writing(customer) as books:
        memo, invoice = (one.id for one in books.documents.list(order_by=["number"]))

    method, what = ("PUT", f"{invoice}/cancel") if post else ("DELETE", invoice)
    (refused,) = customer.request(method, f"/v1/invoices/{what}").json()["reasons"]
    done = "canceled" if post else "deleted"
    assert refused["message"] == (
        f"Invoice INV-00000001 cannot be {done} before what was made of it: CM-00000001."
    )
    sound(customer)
    assert customer.put(f"/v1/credit-memos/{memo}/cancel").json()["success"]
    assert customer.request(method, f"/v1/invoices/{what}").json()["success"]
    sound(customer)
    assert bill(customer, "2026-07-01") == ([59.51], [])


def test_usage_of_a_canceled_subscription_is_taken_for_days_before(customer: Api) -> None:
    bill(customer, "2026-01-01")
    cancel(customer, "2026-07-01")

    assert use(customer, "2026-06-30", 5, SubscriptionNumber=NUMBER).status_code == 200
    late = use(customer, "2026-07-01", 5, SubscriptionNumber=NUMBER)
    assert late.json()["Errors"][0]["Message"] == "The Subscription is not ACTIVE"


def test_a_subscription_ends_with_what_was_invoiced(api: Api) -> None:
    with builders.writing(api) as books:
        builders.sell(books, builders.account(books, number="A-1"), builders.prepaid_plan(books))
    assert bill(api, "2026-02-01") == ([2000], [])

    policy = {"cancellationPolicy": "EndOfLastInvoicePeriod"}
    canceled = api.put(f"/v1/subscriptions/{NUMBER}/cancel", policy).json()

    assert canceled["cancelledDate"] == "2026-03-01"
    assert bill(api, "2026-06-01") == ([], [])
    sound(api)


@pytest.mark.parametrize(("price", "credited"), [("0", []), ("0.05", [0.03])])
def test_what_costs_nothing_needs_no_invoice_to_be_canceled(
    api: Api, price: str, credited: list[float]
) -> None:
    # Five cents a year are a cent in five of twelve months, and nothing in the others.
    year = {"period": "ANNUAL", "billing_period": "Month", "list_price_base": "Per_Validity_Period"}
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan, units=120, price=price, **year)
        builders.drawdown_charge(books, plan)
        builders.sell(books, builders.account(books, number="A-1"), plan)
    bill(api, "2026-12-31")

    canceled = cancel(api, "2026-07-01")

    assert canceled["cancelledDate"] == "2026-07-01"
    assert bill(api, "2026-12-31") == ([], credited)
    sound(api)
