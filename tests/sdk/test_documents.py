"""The official client bills, credits and cancels; its schedules are read through its transport."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.settings import ServerSettings
from earned.http.serve import background
from tests.api import CLIENT_ID, CLIENT_SECRET, serving
from tests.http.billing import Shop
from tests.sdk.test_flow import raw

# The client is written for an older pydantic than it asks for, and warns of its own strings.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]

DAY, START, END = date(2024, 1, 15), date(2024, 1, 15), date(2024, 4, 14)


@dataclass
class Sold:
    """What there is to bill: an account, and its charge by the ids of both catalog and contract."""

    client: Any
    account_number: str
    charge_id: str
    product_charge_id: str

    @property
    def invoices(self) -> Any:
        return zuora_sdk.InvoicesApi(self.client)

    @property
    def credit_memos(self) -> Any:
        return zuora_sdk.CreditMemosApi(self.client)

    @property
    def debit_memos(self) -> Any:
        return zuora_sdk.DebitMemosApi(self.client)

    def invoice(self, **changes: Any) -> Any:
        """Create an invoice of 300.00 for three months; the field of the charge is ours."""
        item = zuora_sdk.CreateInvoiceItem(
            amount=300.0, charge_name="Fee", service_start_date=START, service_end_date=END
        )
        item.additional_properties = {"ratePlanChargeId": self.charge_id}
        return self.invoices.create_standalone_invoice(
            zuora_sdk.CreateInvoiceRequest(
                account_number=self.account_number,
                invoice_date=DAY,
                invoice_items=[item],
                **changes,
            )
        )

    def held(self, path: str) -> list[tuple[str, float]]:
        """Return what a revenue schedule holds, by period."""
        schedule = raw(self.client, "GET", f"/v1/revenue-schedules/{path}")
        items = schedule["revenueItems"]
        return [(one["accountingPeriodName"], one["amount"]) for one in items if one["amount"]]


@pytest.fixture
def sold(founded_database_url: str) -> Iterator[Sold]:
    """Lend a signed-in client of a server whose billing makes revenue schedules."""
    with serving(founded_database_url) as api:
        shop = Shop(api)
    with background(ServerSettings(founded_database_url)) as address:
        configuration = zuora_sdk.Configuration(host=address)
        signed_in = ZuoraClient(CLIENT_ID, CLIENT_SECRET, None, configuration)
        signed_in.initialize()
        charge = shop.charge
        yield Sold(
            signed_in.api_client,
            shop.account.number,
            charge.id,
            charge.product_rate_plan_charge_id,
        )


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    """Carry out what must be refused; return code and message."""
    with pytest.raises(zuora_sdk.ApiException) as refusal:
        call()
    (reason,) = json.loads(refusal.value.body)["reasons"]
    return reason["code"], reason["message"]


def test_an_invoice_is_drafted_posted_read_and_canceled(sold: Sold) -> None:
    made = sold.invoice()
    assert made.success
    assert (made.invoice_number, made.status, made.amount) == ("INV-00000001", "Draft", 300)

    posted = sold.invoices.post_invoice(made.id, zuora_sdk.PostAsyncInvoiceRequest())
    assert (posted.success, posted.id, posted.job_status) == (True, made.id, "Completed")
    found = sold.invoices.get_invoice("INV-00000001")
    assert (found.status, found.balance, found.source_type) == ("Posted", 300, "Standalone")
    assert str(found.invoice_date) == str(found.due_date) == "2024-01-15"
    (item,) = sold.invoices.get_invoice_items(made.id).invoice_items
    assert (item.charge_name, item.charge_amount, item.processing_type) == ("Fee", 300, "Charge")
    assert item.subscription_name == "A-S00000001"
    assert sold.held(f"invoice-items/{item.id}") == [
        ("Jan'2024", 55.93),
        ("Feb'2024", 95.41),
        ("Mar'2024", 101.99),
        ("Apr'2024", 46.67),
    ]

    canceled = sold.invoices.cancel_invoice(made.id)
    assert (canceled.success, canceled.job_status) == (True, "Completed")
    assert sold.invoices.get_invoice(made.id).status == "Canceled"
    assert sold.held("RS-00000002")[0] == ("Jan'2024", -55.93)
    assert refused(lambda: sold.invoices.cancel_invoice(made.id)) == (
        50000030,
        "Invoice INV-00000001 cannot be canceled: it is canceled already.",
    )


def test_a_draft_is_deleted(sold: Sold) -> None:
    made = sold.invoice()

    deleted = sold.invoices.delete_invoice(made.id)

    assert (deleted.success, deleted.object_id, deleted.status) == (True, made.id, "Completed")
    assert refused(lambda: sold.invoices.get_invoice(made.id)) == (
        50000040,
        f"Cannot find entity by key: '{made.id}'.",
    )


def test_a_credit_memo_of_a_charge(sold: Sold) -> None:
    charge = zuora_sdk.CreditMemoItemFromChargeDetail(
        amount=300.0,
        charge_id=sold.product_charge_id,
        product_rate_plan_charge_id=sold.product_charge_id,
        service_start_date=START,
        service_end_date=END,
    )
    memo = sold.credit_memos.create_credit_memo_from_charge(
        zuora_sdk.CreateCreditMemoFromChargeRequest(
            account_number=sold.account_number, effective_date=DAY, charges=[charge]
        )
    )
    assert (memo.number, memo.status, memo.unapplied_amount) == ("CM-00000001", "Draft", 300)

    assert sold.credit_memos.post_credit_memo(memo.id).status == "Posted"

    (item,) = sold.credit_memos.get_credit_memo_items(memo.id).items
    assert (item.sku_name, item.amount, item.source_item_type) == (
        "Fee",
        300,
        "ProductRatePlanCharge",
    )
    assert item.finance_information.revenue_schedule_number == "RS-00000001"
    assert sold.credit_memos.get_credit_memo_item(memo.id, item.id).id == item.id
    assert sold.held(f"credit-memo-items/{item.id}")[-1] == ("Apr'2024", -46.67)
    canceled = sold.credit_memos.cancel_credit_memo(memo.number)
    assert (canceled.status, canceled.success) == ("Canceled", True)


def test_memos_of_an_invoice(sold: Sold) -> None:
    invoice = sold.invoice(status="Posted")
    (billed,) = sold.invoices.get_invoice_items(invoice.id).invoice_items

    credit = sold.credit_memos.create_credit_memo_from_invoice(
        invoice.id,
        zuora_sdk.CreateCreditMemoFromInvoiceRequest(
            effective_date=DAY,
            items=[
                zuora_sdk.CreditMemoItemFromInvoiceItem(
                    amount=100.0, invoice_item_id=billed.id, sku_name="Fee"
                )
            ],
        ),
    )
    debit = sold.debit_memos.create_debit_memo_from_invoice(
        invoice.id,
        zuora_sdk.CreateDebitMemoFromInvoiceRequest(
            effective_date=DAY,
            auto_post=True,
            items=[
                zuora_sdk.DebitMemoItemFromInvoiceItemRequest(
                    amount=40.0, invoice_item_id=billed.id, sku_name="Fee"
                )
            ],
        ),
    )

    assert (credit.referred_invoice_id, credit.source_type) == (invoice.id, "Invoice")
    assert (debit.number, debit.status, debit.balance) == ("DM-00000001", "Posted", 40)
    found = sold.debit_memos.get_debit_memo(debit.id)
    assert (str(found.debit_memo_date), str(found.due_date)) == ("2024-01-15", "2024-01-15")
    (item,) = sold.debit_memos.get_debit_memo_items(debit.id).items
    assert (item.source_item_id, item.source_item_type) == (billed.id, "InvoiceDetail")
    assert sold.credit_memos.delete_credit_memo(credit.id).success
    assert sold.debit_memos.cancel_debit_memo(debit.id).status == "Canceled"


def test_a_document_of_a_closed_period_is_refused(sold: Sold) -> None:
    periods = zuora_sdk.AccountingPeriodsApi(sold.client)
    january = periods.get_all_accounting_periods().accounting_periods[0].id
    draft = sold.invoice()

    _, message = refused(lambda: periods.close_accounting_period(january))
    assert message == (
        "The accounting period cannot be closed: post or delete the draft invoice INV-00000001 "
        "of 2024-01-15."
    )
    sold.invoices.delete_invoice(draft.id)
    assert periods.close_accounting_period(january).success
    assert refused(sold.invoice) == (
        50900030,
        "The invoice date cannot be in a closed accounting period.",
    )
