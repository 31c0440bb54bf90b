"""The official client, unmodified, depletes funds (R 12, step 21)."""

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.settings import ServerSettings
from earned.http.serve import background
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, serving

# The client is written for an older Pydantic.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]


def test_step_21_the_client_depletes_funds(founded_sqlite_url: str) -> None:
    with serving(founded_sqlite_url) as api, builders.writing(api) as books:
        plan = builders.prepaid_plan(books, units=10)
        sold = builders.sell(books, builders.account(books), plan, months=2)
    first, second = (fund.id for fund in sold.funds)
    option = {"fundId": first, "depleteDate": "2026-01-20", "depleteQuantity": 4}
    request = {"depleteOptions": [option, {"fundId": second}, {"fundId": "f" * 32}]}

    with background(ServerSettings(founded_sqlite_url)) as address:
        client = ZuoraClient(CLIENT_ID, CLIENT_SECRET, None, zuora_sdk.Configuration(host=address))
        client.initialize()
        funds = zuora_sdk.PrepaidWithDrawdownApi(client.api_client)
        answer = funds.deplete_funds(zuora_sdk.POSTDepleteFundRequestType.from_dict(request))

    assert answer.success is True
    found = [(one.fund_id, one.status, str(one.deplete_date)) for one in answer.fund_ids]
    assert found == [
        (first, "success", "2026-01-20"),
        (second, "success", "2026-02-28"),
        ("f" * 32, "failed", "None"),
    ]
