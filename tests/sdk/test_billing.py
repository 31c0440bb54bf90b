"""The official client runs billing, generates documents, and asks how usage was rated."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.settings import ServerSettings
from earned.http.serve import background
from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, serving

# The client is written for an older pydantic than it asks for, and warns of its own strings.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]

FEBRUARY = date(2026, 2, 1)


@pytest.fixture
def client(founded_sqlite_url: str) -> Iterator[Any]:
    """Lend a client of books with 100 tokens for 10.00 USD in January, and 150 used: 2.00 each."""
    with serving(founded_sqlite_url) as api, builders.writing(api) as books:
        plan = builders.prepaid_plan(books, units=100, price=10, overage=2)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
        fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2026-01-10"}
        record_usage(books, [RecordUsage(fields={**fields, "Quantity": 150})])
    with background(ServerSettings(founded_sqlite_url)) as address:
        signed_in = ZuoraClient(
            CLIENT_ID, CLIENT_SECRET, None, zuora_sdk.Configuration(host=address)
        )
        signed_in.initialize()
        yield signed_in.api_client


def test_a_bill_run_is_created_read_posted_and_rated(client: Any) -> None:
    runs = zuora_sdk.BillRunApi(client)
    only = zuora_sdk.BillRunFilter(filter_type="Account", account_id="A-1")
    made = runs.create_bill_run(
        zuora_sdk.CreateBillRunRequest(
            target_date=FEBRUARY, invoice_date=FEBRUARY, bill_run_filters=[only], name="January"
        )
    )
    assert (made.success, made.status, made.bill_run_number) == (True, "Completed", "BR-00000001")
    assert str(made.target_date) == "2026-02-01"
    assert made.bill_run_filters[0].account_id == "A-1"

    posted = runs.post_bill_run(made.id, zuora_sdk.PostBillRunRequest())
    assert (posted.status, runs.get_bill_run(made.id).status) == ("Posted", "Posted")
    invoices = zuora_sdk.InvoicesApi(client)
    found = invoices.get_invoice("INV-00000001")
    assert (found.amount, found.source_type, found.source_id) == (
        110,
        "Subscription",
        "BR-00000001",
    )
    items = invoices.get_invoice_items(found.id).invoice_items
    assert [(item.charge_name, item.charge_amount) for item in items] == [
        ("Prepayment", 10),
        ("Drawdown", 100),
    ]

    detail = zuora_sdk.UsageApi(client).get_usage_rate_detail_by_invoice_item(items[1].id).data
    assert detail.rate_detail == "50 Token(s) x $2.00/Token = $100.00\nTotal = $100.00"
    asked = zuora_sdk.ObjectQueriesApi(client)
    (processed,) = asked.query_processed_usages(expand=["usage"]).data
    assert (processed.amount, processed.invoice_item_id) == (100, items[1].id)
    assert (processed.usage.quantity, processed.usage.rbe_status) == (150, "Processed")
    (rating,) = asked.query_rating_results().data
    assert rating.invoice_item_id == items[1].id


def test_what_would_be_billed_is_previewed_and_a_renewal_is_billed(client: Any) -> None:
    subscriptions = zuora_sdk.SubscriptionsApi(client)
    terms = zuora_sdk.UpdateSubscriptionRequest(
        auto_renew=True, renewal_setting="RENEW_WITH_SPECIFIC_TERM", renewal_term=1
    )
    assert subscriptions.update_subscription("A-S00000001", terms).success
    asked = zuora_sdk.CreateBillingPreviewRequest(
        account_number="A-1", target_date=FEBRUARY, assume_renewal="Autorenew"
    )
    told = zuora_sdk.OperationsApi(client).create_billing_preview(asked)
    assert [(one.charge_name, one.charge_amount) for one in told.invoice_items] == [
        ("Prepayment", "10.00"),
        ("Prepayment", "10.00"),
        ("Drawdown", "100.00"),
    ]

    made = zuora_sdk.BillRunApi(client).create_bill_run(
        zuora_sdk.CreateBillRunRequest(
            target_date=FEBRUARY, batches=["AllBatches"], auto_renewal=True, auto_post=True
        )
    )

    assert (made.status, made.auto_renewal) == ("Posted", True)
    assert zuora_sdk.InvoicesApi(client).get_invoice("INV-00000001").amount == 120
    (_, order) = zuora_sdk.OrdersApi(client).get_orders().orders
    renewed = subscriptions.get_subscription_by_key("A-S00000001")
    assert (str(renewed.term_start_date), str(renewed.term_end_date)) == (
        "2026-02-01",
        "2026-03-01",
    )
    assert (order.description, str(order.order_date)) == ("Renewed by billing", "2026-02-01")
    (item,) = zuora_sdk.OrdersApi(client).get_order(order.order_number).order.subscriptions
    assert (item.new_version, item.order_actions[0].type) == (3, "RenewSubscription")


def test_a_bill_run_is_canceled_and_deleted(client: Any) -> None:
    runs = zuora_sdk.BillRunApi(client)
    request = zuora_sdk.CreateBillRunRequest(target_date=FEBRUARY, batches=["AllBatches"])
    made = runs.create_bill_run(request)

    assert runs.cancel_bill_run(made.id, zuora_sdk.CancelBillRunRequest()).status == "Canceled"
    assert runs.delete_bill_run(made.id).success


def test_documents_are_generated(client: Any) -> None:
    documents = zuora_sdk.BillingDocumentsApi(client)
    request = zuora_sdk.GenerateBillingDocumentRequest(
        effective_date=FEBRUARY,
        target_date=FEBRUARY,
        auto_post=True,
        charge_type_to_exclude=["recurring"],
    )

    made = documents.generate_billing_documents("A-1", request)

    assert (made.success, len(made.invoices), made.credit_memos) == (True, 1, [])
    found = zuora_sdk.InvoicesApi(client).get_invoice(made.invoices[0].id)
    assert (found.amount, found.status) == (100, "Posted")
    (listed,) = documents.get_billing_documents(
        account_number="A-1", sort="+documentDate"
    ).documents
    assert (listed.document_number, listed.document_type) == ("INV-00000001", "Invoice")
    assert (listed.balance, listed.status) == (100, "Posted")
