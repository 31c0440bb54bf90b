"""The official client sells a pool with prorated periods, and puts an account below another."""

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.settings import ServerSettings
from earned.http.serve import background
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, serving
from tests.sdk.test_catalog import prepayment

# The client is written for an older pydantic than it asks for, and warns of its own strings.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]


SOLD = {
    "accountKey": "A-1",
    "contractEffectiveDate": "2026-04-01",
    "termType": "TERMED",
    "initialTerm": 9,
    "autoRenew": False,
    "renewalTerm": 9,
}


def pool(plan_id: str) -> zuora_sdk.CreateProductRatePlanChargeRequest:
    request = prepayment(plan_id)
    request.prepaid_quantity = 1810
    request.validity_period_alignment = zuora_sdk.VpAlignment.TERMEND
    request.validity_period_proration_option = zuora_sdk.VpProrationOption.PRORATEUNITS
    request.drawdown_scope = "ACCOUNT"
    request.fund_support_account_hierarchy = True
    return request


def test_the_client_sells_a_pool_with_prorated_units(founded_sqlite_url: str) -> None:
    with serving(founded_sqlite_url) as api, builders.writing(api) as books:
        builders.unit(books, decimal_places=0)
        plan_id = builders.rate_plan(books).id
        for number in ("A-1", "A-2"):
            builders.account(books, number=number)
    sold = {**SOLD, "subscribeToRatePlans": [{"productRatePlanId": plan_id}]}
    with background(ServerSettings(founded_sqlite_url)) as address:
        client = ZuoraClient(CLIENT_ID, CLIENT_SECRET, None, zuora_sdk.Configuration(host=address))
        client.initialize()
        charges = zuora_sdk.ProductRatePlanChargesApi(client.api_client)
        charge = charges.create_product_rate_plan_charge(pool(plan_id))
        offered = charges.get_product_rate_plan_charge(charge.id)
        accounts = zuora_sdk.AccountsApi(client.api_client)
        parent = accounts.get_account("A-1").basic_info.id
        moved = zuora_sdk.UpdateAccountRequest(parent_id=parent, roll_up_usage=True)
        accounts.update_account("A-2", moved)
        below = accounts.get_account("A-2").basic_info.parent_id
        request = zuora_sdk.CreateSubscriptionRequest.from_dict(sold)
        zuora_sdk.SubscriptionsApi(client.api_client).create_subscription(request)
        asked = zuora_sdk.ObjectQueriesApi(client.api_client)
        funds = asked.query_prepaid_balance_funds().data

    assert offered.validity_period_proration_option == zuora_sdk.VpProrationOption.PRORATEUNITS
    assert offered.fund_support_account_hierarchy is True
    assert below == parent
    # Periods end with the term: April to June are 91 of the 181 days from January on.
    found = sorted((str(fund.start_date), fund.funded_balance) for fund in funds)
    assert found == [("2026-04-01", 910), ("2026-07-01", 1810)]
