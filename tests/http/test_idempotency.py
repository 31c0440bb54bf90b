"""Idempotency keys: done once, answered as often as asked (R 8.4)."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import timedelta
from threading import current_thread
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Table, event, func, insert, select

from earned.bootstrap.first_run import add_client, add_entity, add_tenant
from earned.domain.tenancy import Entity
from earned.http.housekeeping import BATCH
from earned.storage.tables.accounts import account
from earned.storage.tables.schedules import revenue_schedule
from earned.storage.tables.tenancy import idempotency_key
from earned.storage.tables.usage import usage_record
from tests.api import CLIENT_ID, CLIENT_SECRET, Api, Clock, serving, sign_in
from tests.builders import writing
from tests.http.samples import fill

URL = "/v1/accounts"
ACME = {
    "name": "Acme",
    "currency": "USD",
    "billToContact": {"firstName": "Ada", "lastName": "Ames"},
}
UNIT = {
    "UomName": "Token",
    "DisplayedAs": "Token",
    "DecimalPlaces": 0,
    "RoundingMode": "Up",
    "Active": True,
}
CLIENTS = 64


def make(api: Api, key: str | None = "key-1", body: Any = None, path: str = URL) -> Response:
    headers = {} if key is None else {"Idempotency_Key": key}
    return api.post(path, ACME if body is None else body, **headers)


def count(api: Api, table: Any = account) -> int:
    with api.application.database.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def is_replay(response: Response) -> bool:
    return response.headers.get("idempotent-replayed") == "true"


@contextmanager
def held_writer(api: Api) -> Iterator[None]:
    """Keep the writer from finishing: it waits for the lock that this block holds."""
    with writing(api):
        yield


def test_r_t41_the_same_key_is_answered_alike_and_done_once(api: Api) -> None:
    first, second = make(api), make(api)

    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert not is_replay(first)
    assert is_replay(second)
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["zuora-request-id"] == first.headers["zuora-request-id"]
    assert count(api) == 1


@pytest.mark.parametrize(
    ("operation", "path", "table"),
    [
        (
            "POST_RSforSubscCharge",
            "/v1/revenue-schedules/subscription-charges/{key}",
            revenue_schedule,
        ),
        ("createUsage", "/v1/object/usage", usage_record),
    ],
)
def test_r_t41_the_seeds_are_done_once(api: Api, operation: str, path: str, table: Table) -> None:
    requests, _ = fill(api)
    sent = requests[operation]
    before = count(api, table)

    answers = [make(api, "key-1", sent.body, path.format(key=sent.key)) for _ in range(2)]
    alone = make(api, None, sent.body, path.format(key=sent.key))

    assert answers[0].status_code == answers[1].status_code == alone.status_code == 200
    assert answers[0].content == answers[1].content != alone.content
    assert count(api, table) == before + 2


def test_r_t41_the_same_key_at_another_url_is_refused(api: Api) -> None:
    make(api)

    response = make(api, path=f"{URL}?x=1")

    assert response.status_code == 422
    assert response.json()["reasons"] == [
        {
            "code": 50000020,
            "message": "The Idempotency-Key was used for a different request.",
        }
    ]
    assert make(api, path="/v1/object/product", body={"Name": "x"}).status_code == 422
    assert count(api) == 1


def test_r_t41_after_24_hours_the_request_is_done_again(api: Api) -> None:
    make(api)

    api.clock.now += timedelta(hours=24) - timedelta(seconds=1)
    api.headers |= sign_in(api.http, CLIENT_ID, CLIENT_SECRET)
    assert is_replay(make(api))

    api.clock.now += timedelta(seconds=2)
    again = make(api)

    assert again.status_code == 200
    assert not is_replay(again)
    assert count(api) == 2
    assert is_replay(make(api))


def test_r_t41_while_the_first_is_under_way_the_second_is_refused(api: Api) -> None:
    with ThreadPoolExecutor(2) as clients:
        with held_writer(api):
            answers = [clients.submit(make, api) for _ in range(2)]
            early, _ = wait(answers, return_when=FIRST_COMPLETED)
            refused = early.pop().result()
        answered = next(answer.result() for answer in answers if answer.result() is not refused)

    assert refused.status_code == 409
    assert refused.json()["reasons"][0] == {
        "code": 50000050,
        "message": "A request with the same Idempotency-Key is still in progress.",
    }
    assert refused.headers["retry-after"] == "1"
    assert answered.status_code == 200
    assert count(api) == 1
    assert is_replay(make(api))


def test_another_payload_under_the_same_key_is_refused(api: Api) -> None:
    make(api)

    response = make(api, body={**ACME, "name": "Other"})

    assert response.status_code == 422
    assert count(api) == 1


def test_another_tenant_under_the_same_key_is_refused(api: Api) -> None:
    make(api)
    tenant = add_tenant(api.application, "Other")
    entity = next(e for e in api.application.clients.list(Entity) if e.tenant_id == tenant.id)
    client = add_client(api.application, tenant.id, (entity.id,), "secret")
    other = sign_in(api.http, client.id, "secret")

    response = api.post(URL, ACME, Idempotency_Key="key-1", **other)

    assert response.status_code == 422
    assert count(api) == 1


def test_another_entity_under_the_same_key_is_refused(api: Api) -> None:
    first = api.application.clients.list(Entity)[0]
    second = add_entity(api.application, first.tenant_id, "Second")
    client = add_client(api.application, first.tenant_id, (first.id, second.id), "secret")
    api.headers |= sign_in(api.http, client.id, "secret")

    made = api.post(URL, ACME, Idempotency_Key="key-1", Zuora_Entity_Ids=first.id)
    refused = api.post(URL, ACME, Idempotency_Key="key-1", Zuora_Entity_Ids=second.id)

    assert (made.status_code, refused.status_code) == (200, 422)
    assert count(api) == 1


def test_keys_differ_in_case(api: Api) -> None:
    make(api, "key")
    make(api, "KEY")

    assert count(api) == 2


def test_without_a_key_the_request_is_done_each_time(api: Api) -> None:
    make(api, None)
    make(api, None)

    assert count(api) == 2
    assert count(api, idempotency_key) == 0


def test_a_key_has_255_characters_at_most(api: Api) -> None:
    assert make(api, "k" * 255).status_code == 200

    for key in ("k" * 256, "", "a\tb"):
        response = make(api, key)
        assert response.status_code == 400
        assert response.json()["reasons"][0] == {
            "code": 50000020,
            "message": "Idempotency-Key should be 1 to 255 printable characters.",
        }
    assert count(api) == 1


def test_put_with_a_key_is_refused_and_reading_ignores_it(api: Api) -> None:
    made = api.made("/v1/object/unit-of-measure", UNIT)
    unit = f"/v1/object/unit-of-measure/{made['Id']}"

    refused = api.put(unit, {"DisplayedAs": "Tokens"}, Idempotency_Key="key-1")
    read = api.get(unit, Idempotency_Key="key-1")
    deleted = api.delete(unit, Idempotency_Key="key-1")

    assert refused.status_code == 400
    assert refused.json()["Errors"][0]["Message"] == (
        "Idempotency-Key is for POST and PATCH requests only."
    )
    assert (read.status_code, deleted.status_code) == (200, 200)
    assert count(api, idempotency_key) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [({"name": "No more"}, 400), ({**ACME, "currency": "12$"}, 400), ([], 400)],
)
def test_a_refusal_is_kept_too(api: Api, body: Any, status: int) -> None:
    first, second = make(api, body=body), make(api, body=body)

    assert first.status_code == second.status_code == status
    assert first.content == second.content
    assert is_replay(second)
    assert make(api).status_code == 422, "the key is taken by what was refused"
    assert count(api) == 0


def test_a_refusal_before_the_key_is_read_does_not_take_it(api: Api) -> None:
    refused = api.post(URL, ACME, Idempotency_Key="key-1", Zuora_Version="1")

    assert refused.status_code == 400
    assert make(api).status_code == 200


def test_the_key_survives_a_restart(founded_database_url: str) -> None:
    with serving(founded_database_url) as before:
        first = make(before)

    with serving(founded_database_url) as after:
        second = make(after)
        assert count(after) == 1

    assert is_replay(second)
    assert second.content == first.content


def test_a_commit_that_fails_leaves_neither_effect_nor_key(api: Api) -> None:
    failures = iter([True])

    def fail(connection: object) -> None:
        del connection
        is_tidying_up = current_thread().name.startswith("earned-reader")
        if not is_tidying_up and next(failures, False):
            raise ConnectionError

    event.listen(api.application.database.engine, "commit", fail)

    failed = make(api)
    left = count(api), count(api, idempotency_key)
    again = make(api)

    assert failed.status_code == 500
    assert failed.json()["reasons"] == [
        {"code": 50100060, "message": "An internal error occurred."}
    ]
    assert left == (0, 0)
    assert again.status_code == 200
    assert not is_replay(again)
    assert count(api) == 1


def test_sixty_four_clients_with_one_key_do_it_once(api: Api) -> None:
    requests, _ = fill(api)
    body = requests["createUsage"].body
    before = count(api, usage_record)

    with ThreadPoolExecutor(CLIENTS) as clients:
        sent = (
            clients.submit(make, api, "key-1", body, "/v1/object/usage") for _ in range(CLIENTS)
        )
        answers = [answer.result() for answer in list(sent)]

    assert {answer.status_code for answer in answers} <= {200, 409}
    done = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.content for answer in done}) == 1
    assert sum(not is_replay(answer) for answer in done) == 1
    assert count(api, usage_record) == before + 1


def test_expired_keys_are_forgotten_when_the_server_starts(founded_database_url: str) -> None:
    clock = Clock()
    with serving(founded_database_url, clock) as before:
        make(before, "old")
        clock.now += timedelta(hours=12)
        before.headers |= sign_in(before.http, CLIENT_ID, CLIENT_SECRET)
        make(before, "young")

    clock.now += timedelta(hours=13)
    with serving(founded_database_url, clock) as after:
        assert count(after, idempotency_key) == 1


def test_keys_are_forgotten_in_steps(api: Api) -> None:
    rows = [
        {
            "key": f"key-{number}",
            "tenant_id": "t",
            "entity_id": "e",
            "method": "POST",
            "url": "/",
            "fingerprint": "f",
            "status": 200,
            "headers": [],
            "body": b"",
            "created_at": api.clock.now,
        }
        for number in range(BATCH + 1)
    ]
    with api.application.database.engine.begin() as connection:
        connection.execute(insert(idempotency_key), rows)

    assert api.application.forget_expired(BATCH) == 0
    api.clock.now += timedelta(hours=24)
    assert api.application.forget_expired(BATCH) == BATCH
    assert api.application.forget_expired(BATCH) == 1
    assert count(api, idempotency_key) == 0
