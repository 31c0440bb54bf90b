"""The official client changes a subscription by orders, previews them, and takes one back."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.settings import ServerSettings
from earned.domain.terms import Length
from earned.http.serve import background
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, serving

# The client is written for an older pydantic than it asks for, and warns of its own strings.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]

NUMBER = "A-S00000001"


@pytest.fixture
def client(founded_database_url: str) -> Iterator[Any]:
    """Lend a signed-in client of a server that sold 100,000 tokens a month to A-1."""
    with serving(founded_database_url) as api:
        api.settings(credit_unbilled_periods=True)
        with builders.writing(api) as books:
            plan, customer = builders.prepaid_plan(books), builders.account(books, number="A-1")
            builders.sell(books, customer, plan, months=3, renewal_term=Length(3))
    with background(ServerSettings(founded_database_url)) as address:
        configuration = zuora_sdk.Configuration(host=address)
        signed_in = ZuoraClient(CLIENT_ID, CLIENT_SECRET, None, configuration)
        signed_in.initialize()
        yield signed_in.api_client


def test_an_order_is_previewed_placed_read_back_and_deleted(client: Any) -> None:
    orders, subscriptions = zuora_sdk.OrdersApi(client), zuora_sdk.SubscriptionsApi(client)
    found = subscriptions.get_subscription_by_key(NUMBER)
    update = {
        "type": "UpdateProduct",
        "triggerDates": [{"name": "ContractEffective", "triggerDate": "2026-02-01"}],
        "updateProduct": {
            "ratePlanId": found.rate_plans[0].id,
            "chargeUpdates": [{"chargeNumber": "C-00000001", "prepaidQuantity": 150000}],
        },
    }
    body = {
        "orderDate": "2026-02-01",
        "existingAccountNumber": "A-1",
        "subscriptions": [{"subscriptionNumber": NUMBER, "orderActions": [update]}],
    }
    options = {"previewTypes": ["BillingDocs"], "previewThruType": "TermEnd"}
    preview = zuora_sdk.PreviewOrderRequest.from_dict({**body, "previewOptions": options})

    told = orders.preview_order(preview).preview_result

    assert [fund.funded_balance for fund in told.funds[0].subscription_funds] == [
        "100000",
        "150000",
        "150000",
    ]
    assert [invoice.amount for invoice in told.invoices] == [3000]

    placed = orders.create_order(zuora_sdk.CreateOrderRequest.from_dict(body))

    assert placed.order_number == "O-00000001"
    (item,) = orders.get_order("O-00000001").order.subscriptions
    assert (item.base_version, item.new_version) == (1, 2)
    listed = orders.get_orders_by_subscription_number(NUMBER).orders
    assert [one.order_number for one in listed] == ["O-00000001"]
    changed = subscriptions.get_subscription_by_key(NUMBER)
    segments = [one.segment for one in changed.rate_plans[0].rate_plan_charges]
    assert (changed.version, segments) == (2, [1, 2, 1])

    assert orders.delete_order("O-00000001").success
    assert subscriptions.get_subscription_by_key(NUMBER).version == 1


def test_a_subscription_is_renewed_and_canceled(client: Any) -> None:
    subscriptions = zuora_sdk.SubscriptionsApi(client)

    renewed = subscriptions.renew_subscription(NUMBER, zuora_sdk.RenewSubscriptionRequest())
    canceled = subscriptions.cancel_subscription(
        NUMBER,
        zuora_sdk.CancelSubscriptionRequest(
            cancellation_policy="SpecificDate", cancellation_effective_date=date(2026, 2, 1)
        ),
    )

    term = [str(day) for day in (renewed.term_start_date, renewed.term_end_date)]
    assert term == ["2026-04-01", "2026-07-01"]
    assert str(canceled.cancelled_date) == "2026-02-01"
    found = subscriptions.get_subscription_by_key(NUMBER)
    assert found.status == zuora_sdk.SubscriptionStatus.CANCELLED
    history = zuora_sdk.ObjectQueriesApi(client).query_prepaid_balance_transactions(page_size=50)
    kinds = [one.prepaid_balance_transaction_type for one in history.data]
    assert (kinds.count("PREPAYMENT"), kinds.count("PREPAYMENT_CREDIT_BACK")) == (6, 5)
