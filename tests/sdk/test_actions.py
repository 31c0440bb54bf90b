"""The official client, unmodified, asks with ZOQL and acts on many objects (R 12, step 22)."""

from collections.abc import Iterator

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.settings import ServerSettings
from earned.http.serve import background
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, serving

# The client is written for an older Pydantic.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning")

RECORD = {"AccountNumber": "A00000001", "UOM": "Token", "StartDateTime": "2026-01-10T10:00:00Z"}


@pytest.fixture
def actions(founded_sqlite_url: str) -> Iterator[zuora_sdk.ActionsApi]:
    """Lend the client's actions, on books where an account draws tokens."""
    with serving(founded_sqlite_url) as api, builders.writing(api) as books:
        builders.sell(books, builders.account(books), builders.prepaid_plan(books))
    with background(ServerSettings(founded_sqlite_url)) as address:
        client = ZuoraClient(CLIENT_ID, CLIENT_SECRET, None, zuora_sdk.Configuration(host=address))
        client.initialize()
        yield zuora_sdk.ActionsApi(client.api_client)


def create(actions: zuora_sdk.ActionsApi, *quantities: object) -> list[zuora_sdk.SaveResult]:
    objects = [{**RECORD, "Quantity": quantity} for quantity in quantities]
    request = zuora_sdk.ProxyActioncreateRequest(type="Usage", objects=objects)
    results: list[zuora_sdk.SaveResult] = actions.action_post_create(request)
    return results


def test_step_22_the_client_queries_with_zoql(actions: zuora_sdk.ActionsApi) -> None:
    create(actions, 1, 2.5, 3)
    conf = zuora_sdk.ProxyActionqueryMoreRequestConf(batch_size=2)
    text = "select Id, Quantity from Usage where UOM = 'Token'"

    first = actions.action_post_query(
        zuora_sdk.ProxyActionqueryRequest(query_string=text, conf=conf)
    )
    assert (first.size, first.done) == (2, False)
    assert [row["Quantity"] for row in first.records] == [1, 2.5]
    second = actions.action_postquery_more(
        zuora_sdk.ProxyActionqueryMoreRequest(query_locator=first.query_locator)
    )
    assert (second.size, second.done, second.query_locator) == (1, True, None)
    assert [row["Quantity"] for row in second.records] == [3]


def test_the_client_creates_changes_and_deletes_objects(actions: zuora_sdk.ActionsApi) -> None:
    made, refused = create(actions, 1, "x")
    assert (made.success, refused.success) == (True, False)
    assert refused.errors[0].code == "INVALID_VALUE"

    change = zuora_sdk.ProxyActionupdateRequest(
        type="Usage", objects=[{"Id": made.id, "Quantity": 2}]
    )
    assert actions.action_postupdate(change)[0].success is True
    deletion = zuora_sdk.ProxyActiondeleteRequest(type="Usage", ids=[made.id, made.id])
    deleted, gone = actions.action_post_delete(deletion)
    assert (deleted.success, deleted.id) == (True, made.id)
    assert (gone.success, gone.errors[0].code) == (False, "INVALID_ID")


def test_the_client_raises_what_a_query_is_refused_with(actions: zuora_sdk.ActionsApi) -> None:
    with pytest.raises(zuora_sdk.ApiException) as refused:
        actions.action_post_query(zuora_sdk.ProxyActionqueryRequest(query_string="select *"))

    assert refused.value.status == 400
    assert "MALFORMED_QUERY" in str(refused.value.body)
