"""The official client, unmodified, asks a server on a socket."""

from collections.abc import Iterator

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.settings import ServerSettings
from earned.http.serve import background
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, serving
from tests.asking import bill, stock

# The client is written for an older Pydantic.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning")

OPERATIONS = (
    "query_accounts",
    "query_products",
    "query_product_rate_plans",
    "query_product_rate_plan_charges",
    "query_product_rate_plan_charge_tiers",
    "query_orderss",
    "query_subscriptions",
    "query_rate_plans",
    "query_rate_plan_charges",
    "query_rate_plan_charge_tiers",
    "query_prepaid_balances",
    "query_prepaid_balance_funds",
    "query_prepaid_balance_transactions",
    "query_validity_period_summarys",
    "query_usages",
    "query_daily_consumption_summarys",
    "query_rating_results",
    "query_processed_usages",
    "query_invoices",
    "query_invoice_items",
    "query_credit_memos",
    "query_credit_memo_items",
    "query_debit_memos",
    "query_debit_memo_items",
    "query_billing_runs",
)


@pytest.fixture
def asked(founded_sqlite_url: str) -> Iterator[zuora_sdk.ObjectQueriesApi]:
    """Lend the client's object queries, on books with one object of every kind."""
    with serving(founded_sqlite_url) as api, builders.writing(api) as books:
        stock(books)
        bill(books)
    with background(ServerSettings(founded_sqlite_url)) as address:
        client = ZuoraClient(CLIENT_ID, CLIENT_SECRET, None, zuora_sdk.Configuration(host=address))
        client.initialize()
        yield zuora_sdk.ObjectQueriesApi(client.api_client)


def test_the_client_pages_filters_sorts_and_expands(asked: zuora_sdk.ObjectQueriesApi) -> None:
    first = asked.query_rate_plan_charges(
        page_size=1, sort=["name.DESC"], filter=["isprepaid.EQ:true"], expand=["rateplan"]
    )
    second = asked.query_rate_plan_charges(
        page_size=1, sort=["name.DESC"], filter=["isprepaid.EQ:true"], cursor=first.next_page
    )

    assert [charge.name for charge in first.data + second.data] == ["Prepayment", "Drawdown"]
    assert first.data[0].rate_plan.name == "Plan"
    assert second.next_page is None


def test_the_client_reads_funds_and_what_they_hang_on(
    asked: zuora_sdk.ObjectQueriesApi,
) -> None:
    fund = asked.query_prepaid_balance_funds(
        expand=["prepaidbalance", "source"], include_null_fields=True
    ).data[0]

    assert (fund.funded_balance, fund.balance, fund.funding_price) == (30, 0, 60)
    assert fund.prepaid_balance.u_om == "Token"
    assert fund.source.charge_number == "C-00000001"
    again = asked.query_prepaid_balance_fund_by_key(fund.id, fields=["id,balance"])
    assert (again.id, again.balance, again.funded_balance) == (fund.id, 0, None)


def test_the_client_reads_invoices_with_their_items(asked: zuora_sdk.ObjectQueriesApi) -> None:
    (invoice,) = asked.query_invoices(
        filter=["amount.EQ:30"], expand=["account", "invoiceitems"]
    ).data

    assert (invoice.amount, invoice.adjustment_amount, invoice.balance) == (30, -2, 28)
    assert (invoice.account.name, str(invoice.invoice_date)) == ("Acme", "2026-01-20")
    (item,) = invoice.invoice_items
    assert (item.charge_name, item.charge_amount) == ("Setup", 30)
    (memo,) = asked.query_credit_memos(expand=["creditmemoitems"]).data
    assert memo.credit_memo_items[0].invoice_item_id == item.id


def test_the_client_reads_every_object(asked: zuora_sdk.ObjectQueriesApi) -> None:
    for operation in OPERATIONS:
        answer = getattr(asked, operation)()
        assert answer.data, operation
        assert all(row.id for row in answer.data), operation
