"""Thresholds of prepaid units: who is told, when, how often, and signed how (U 2.18)."""

import base64
import hmac
import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from earned.domain.notifying import WAITS, State
from earned.http.callout import call_out
from earned.services.audit_books import audit_books
from earned.services.record_usage import RecordUsage, record_usage
from earned.services.resend_notification import resend_notification
from earned.storage.outbox import LEASE, Attempt, claim_due, report
from tests import builders
from tests.api import Api, serving
from tests.periods import define_months
from tests.receiver import Receiver, Sent, receiving

THRESHOLDS = "/v1/notifications/thresholds"
DELIVERIES = "/v1/notifications/deliveries"
SECRET = "a-secret-between-us"
TRIES = 2000


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as lent:
        yield lent


@pytest.fixture
def api(founded_database_url: str) -> Iterator[Api]:
    """Lend a client of books with 1,000 tokens a month; they are sound in the end."""
    with serving(founded_database_url, callouts_to_private=True) as client:
        with builders.writing(client) as books:
            define_months(books, 2026, 1, 2)
            plan = builders.prepaid_plan(books, units=1000, price=10)
            builders.sell(books, builders.account(books, number="A-1"), plan, months=2)
        yield client
        with builders.writing(client) as books:
            assert list(audit_books(books, Counter())) == []


def define(api: Api, url: str, **more: Any) -> str:
    body = {"name": "Low", "mode": "Percentage", "value": 20, "url": url, "secret": SECRET}
    identity: str = api.made(THRESHOLDS, {**body, **more})["id"]
    return identity


def use(api: Api, quantity: int) -> None:
    record = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2026-01-10"}
    api.made("/v1/object/usage", {**record, "Quantity": quantity})


def told(api: Api) -> list[Any]:
    deliveries: list[Any] = api.found(DELIVERIES)["deliveries"]
    return deliveries


def reaches(api: Api, state: str) -> Any:
    """Return the newest notification when it has come that far."""
    found = (told(api)[0] for _ in range(TRIES))
    return next(one for one in found if one["state"] == state)


def signature(sent: Sent) -> str:
    """Sign what came as a receiver would, to compare."""
    stamp = f"{sent.headers['webhook-id']}.{sent.headers['webhook-timestamp']}."
    digest = hmac.new(SECRET.encode(), stamp.encode() + sent.body, sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def test_u_45_below_a_fifth_somebody_is_told_once(api: Api, receiver: Receiver) -> None:
    threshold_id = define(api, f"{receiver.url}/hook?a=1")
    use(api, 800)
    assert told(api) == []

    use(api, 1)
    sent = receiver.next()
    use(api, 1)

    assert sent.path == "/hook?a=1"
    assert sent.headers["webhook-signature"] == signature(sent)
    body = json.loads(sent.body)
    assert (body["id"], body["type"]) == (sent.headers["webhook-id"], "prepaid.threshold.crossed")
    assert body["threshold"]["id"] == threshold_id
    assert (body["accountNumber"], body["uom"]) == ("A-1", "Token")
    period = body["validityPeriod"]
    assert (period["totalBalance"], period["remainingBalance"]) == ("1000", "199")
    assert (period["startDate"], period["endDate"]) == ("2026-01-01", "2026-02-01")
    delivered = reaches(api, "Delivered")
    assert (delivered["attempts"], delivered["lastStatus"]) == (1, 200)
    assert len(told(api)) == 1
    use(api, -100)
    use(api, 100)
    assert json.loads(receiver.next().body)["validityPeriod"]["remainingBalance"] == "198"


def test_what_is_not_taken_is_sent_again(api: Api, receiver: Receiver) -> None:
    define(api, receiver.url, mode="Units", value=500)
    receiver.answers = [500]
    use(api, 501)
    first = receiver.next()
    waiting = next(one for one in (told(api)[0] for _ in range(TRIES)) if one["lastStatus"])
    assert (waiting["state"], waiting["lastStatus"], waiting["attempts"]) == ("Pending", 500, 1)

    api.clock.now += 2 * WAITS[0]
    again = receiver.next()

    assert (again.body, again.headers["webhook-id"]) == (first.body, waiting["id"])
    assert again.headers["webhook-timestamp"] != first.headers["webhook-timestamp"]
    assert again.headers["webhook-signature"] == signature(again)
    assert reaches(api, "Delivered")["attempts"] == 2


def test_several_servers_send_each_notification_once(
    api: Api, founded_database_url: str, receiver: Receiver
) -> None:
    count = 12
    with serving(founded_database_url, callouts_to_private=True):
        for _ in range(count):
            define(api, receiver.url)
        use(api, 900)
        ids = {receiver.next().headers["webhook-id"] for _ in range(count)}
        delivered = (api.found(f"{DELIVERIES}?state=Delivered&pageSize=40") for _ in range(TRIES))
        next(found for found in delivered if len(found["deliveries"]) == count)

    assert len(ids) == count
    assert receiver.sent.empty()


@pytest.fixture
def outbox(founded_database_url: str) -> Iterator[Api]:
    """Lend books with one notification that waits, and no server that would deliver it."""
    with serving(founded_database_url) as api:
        with builders.writing(api) as books:
            define_months(books, 2026, 1)
            plan = builders.prepaid_plan(books, units=1000, price=10)
            builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
        define(api, "http://127.0.0.1:1/")
    with builders.writing(api) as books:
        fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2026-01-10"}
        record_usage(books, [RecordUsage(fields={**fields, "Quantity": 900})])
    yield api
    api.application.close()


def test_of_several_who_deliver_one_sends_until_its_claim_lapses(outbox: Api) -> None:
    database = outbox.application.database
    now = database.now()

    (claimed,) = claim_due(database.engine, now, 8)

    assert (claimed.attempts, claimed.secret) == (1, SECRET)
    assert list(claim_due(database.engine, now, 8)) == []
    (again,) = claim_due(database.engine, now + LEASE, 8)
    assert (again.id, again.body, again.attempts) == (claimed.id, claimed.body, 2)
    report(database.engine, claimed, Attempt(status=200), now)
    with builders.writing(outbox) as books:
        (found,) = books.notifications.list()
        assert found.state is State.PENDING, "the claim of the first had lapsed"


def test_after_all_attempts_it_is_given_up_until_somebody_sends_it_again(outbox: Api) -> None:
    database = outbox.application.database
    now = database.now()
    for wait in (*WAITS, None):
        (claimed,) = claim_due(database.engine, now, 8)
        state = report(database.engine, claimed, Attempt(error="nobody there"), now)
        assert state is (State.PENDING if wait else State.FAILED)
        now += wait or LEASE
    assert list(claim_due(database.engine, now, 8)) == []

    with builders.writing(outbox) as books:
        (failed,) = books.notifications.list(state=State.FAILED)
        assert (failed.attempts, failed.last_error) == (len(WAITS) + 1, "nobody there")
        resend_notification(books, failed.id)
    (claimed,) = claim_due(database.engine, now, 8)
    assert report(database.engine, claimed, Attempt(status=204), now) is State.DELIVERED
    with builders.writing(outbox) as books:
        assert list(audit_books(books, Counter())) == []


def test_addresses_of_our_own_network_are_not_called(receiver: Receiver) -> None:
    for url in (receiver.url, "http://localhost:1/", "http://[::1]/", "http://10.0.0.1/"):
        attempt = call_out(url, {}, b"{}", may_be_private=False)
        assert attempt.status is None
        assert "is at a private address" in str(attempt.error)
    assert call_out(receiver.url, {}, b"{}", may_be_private=True).status == 200


def test_what_cannot_be_reached_is_no_fault_of_ours() -> None:
    attempt = call_out("http://127.0.0.1:1/", {}, b"{}", may_be_private=True)

    assert attempt.status is None
    assert attempt.error
    assert not attempt.is_taken


def test_a_threshold_is_defined_changed_and_deleted_and_its_secret_never_shown(api: Api) -> None:
    key = define(api, "https://example.com/hook", uom="Token")

    shown = api.found(f"{THRESHOLDS}/{key}")
    assert (shown["mode"], shown["value"], shown["uom"]) == ("Percentage", 20, "Token")
    assert api.put(f"{THRESHOLDS}/{key}", {"value": 10, "uom": None}).json()["id"] == key
    assert api.put(f"{THRESHOLDS}/{key}", {"secret": "another-secret-of-us"}).status_code == 200
    (listed,) = api.found(THRESHOLDS)["thresholds"]
    assert (listed["value"], listed["name"], "uom" in listed) == (10, "Low", True)
    with builders.writing(api) as books:
        entries = books.audit.list(object_type="Threshold", order_by=["sequence"])
        log = [(entry.action, entry.detail) for entry in entries]
    everything = str(log) + str(shown) + str(listed)
    assert [action for action, _ in log] == ["defined", "changed", "changed"]
    assert SECRET not in everything
    assert "another-secret-of-us" not in everything
    assert api.delete(f"{THRESHOLDS}/{key}").json() == {"success": True, "id": key}
    assert api.get(f"{THRESHOLDS}/{key}").status_code == 404
    use(api, 1000)
    assert told(api) == []


def test_a_threshold_of_another_unit_tells_nothing(api: Api) -> None:
    with builders.writing(api) as books:
        builders.unit(books, "Hour")
    define(api, "https://example.com/", uom="Hour")
    define(api, "https://example.com/", active=False)

    use(api, 1000)

    assert told(api) == []


def test_what_rolls_over_or_is_depleted_crosses_thresholds_too(
    api: Api, receiver: Receiver
) -> None:
    define(api, receiver.url)
    with builders.writing(api) as books:
        fund = books.funds.list(order_by=["start_date"])[0]

    api.made("/v1/prepaid-balance-funds/deplete", {"fundIds": [fund.id]})

    assert json.loads(receiver.next().body)["validityPeriod"]["remainingBalance"] == "0"


def test_thresholds_that_cannot_be(api: Api) -> None:
    sound = {"name": "Low", "mode": "Units", "value": 20, "url": "https://e.com", "secret": SECRET}
    for wrong, field in (
        ({"value": 0}, "value"),
        ({"mode": "Percentage", "value": 101}, "value"),
        ({"url": "ftp://e.com"}, "url"),
        ({"secret": "short"}, "secret"),
        ({"uom": "Light year"}, "uom"),
        ({"mode": "Lots"}, "mode"),
    ):
        refused = api.post(THRESHOLDS, {**sound, **wrong})
        assert refused.status_code == 400
        assert field in refused.json()["reasons"][0]["message"], wrong
    unknown = api.post(f"{DELIVERIES}/unknown/resend")
    assert unknown.status_code == 404
    assert api.get(f"{DELIVERIES}?state=Lost").status_code == 400
