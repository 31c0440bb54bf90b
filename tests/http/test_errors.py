"""Refusals: what cannot be understood, in the dialect of the operation; never a 500."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import anyio
import pytest
from httpx2 import Response

from earned.domain.errors import EarnedError, Kind, Malformed, NotFound, Problem
from earned.http.body import read_body
from earned.http.dialect import KINDS, Dialect, render_refusal
from earned.http.exchange import Exchange
from earned.http.refusal import WireError
from earned.http.version import Version
from tests.api import Api
from tests.http.samples import fill

URL = "/v1/accounts"
CONTACT = '"billToContact":{"firstName":"Ada","lastName":"Ames"}'
DEEP = 64


def send(
    api: Api, body: str | bytes, media: str | None = "application/json", path: str = URL
) -> Response:
    headers = {**api.headers, "Zuora-Version": "186.0"}
    if media is not None:
        headers["Content-Type"] = media
    return api.http.post(path, content=body, headers=headers)


def account(name: str = '"Acme"', more: str = "") -> str:
    return f'{{"name":{name},"currency":"USD",{CONTACT}{more}}}'


def reason(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["reasons"][0]
    return found


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{'name': 1}",
        "{} {}",
        account(name="NaN"),
        account(name="01"),
        account(name='"\\ud800"'),
        account(name='"\\udc00\\ud800"'),
        account(name='"\\u0000"'),
        account(more=',"Nul__c":{"deep":["\\u0000"]}'),
        account(more=',"Nul__c":{"\\u0000":1}'),
        account(more=',"Big__c":' + "9" * 5000),
        account(more=',"Big__c":1e' + "9" * 30),
        account(more=',"Deep__c":' + "[" * DEEP + "]" * DEEP),
        account(more=',"Deep__c":' + '{"a":' * DEEP + "1" + "}" * DEEP),
        "[" * 100_000,
        account().encode("utf-16"),
        account(name='"K\u00f6ln"').encode("latin-1"),
        b"\xff\xfe",
    ],
)
def test_what_is_no_json_object_is_malformed_whatever_the_version(
    wire: Api, body: str | bytes
) -> None:
    response = send(wire, body)

    assert response.status_code == 400
    assert reason(response)["code"] == 50100090
    assert reason(response)["message"].startswith("Malformed request")


@pytest.mark.parametrize(
    "body",
    [
        account().encode("utf-8-sig"),
        account(name='"a\\\\u0000b"'),
        account(name='"\\ud83d\\ude00"'),
        account(more=',"Big__c":' + "9" * 4000),
        account(more=',"Small__c":1e-99999'),
        account(more=',"Deep__c":' + "[" * (DEEP - 1) + "]" * (DEEP - 1)),
        account(more=',"Wide__c":' + str([[]] * 1000)),
        account(more=',"name":"The last one counts"'),
    ],
)
def test_what_is_unusual_but_sound_is_taken(wire: Api, body: str | bytes) -> None:
    response = send(wire, body)

    assert response.status_code == 200
    assert response.json()["success"] is True
    assert wire.get(f"{URL}/{response.json()['accountId']}").status_code == 200


def test_of_a_name_that_is_sent_twice_the_last_counts(wire: Api) -> None:
    made = send(wire, account(more=',"name":"Last"')).json()

    assert wire.found(f"{URL}/{made['accountId']}")["basicInfo"]["name"] == "Last"


def test_numbers_come_back_exactly(wire: Api) -> None:
    body = account(more=',"A__c":0.1000000000000000000000000000000001,"B__c":12345678901234567890')

    made = send(wire, body).json()

    text = wire.get(f"{URL}/{made['accountId']}").text
    assert '"A__c":0.1000000000000000000000000000000001' in text
    assert '"B__c":12345678901234567890' in text


@pytest.mark.parametrize(
    ("media", "status"),
    [
        (None, 200),
        ("application/json", 200),
        ("Application/JSON; charset=UTF-8", 200),
        ("application/vnd.api+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=utf-16", 415),
    ],
)
def test_the_content_type_is_json(wire: Api, media: str | None, status: int) -> None:
    response = send(wire, account(), media)

    assert response.status_code == status
    if status == 415:
        assert reason(response)["code"] == 50100045


def test_the_object_dialect_names_a_malformed_body_so(wire: Api) -> None:
    response = send(wire, "[]", path="/v1/object/product")

    assert response.status_code == 400
    assert response.json() == {
        "Success": False,
        "Errors": [
            {
                "Code": "INVALID_VALUE",
                "Message": "Malformed request: the body should be a JSON object.",
            }
        ],
    }


@pytest.mark.parametrize("path", ["/v1/object/usage", "/v1/object/product"])
def test_r_t42_unknown_fields_are_refused_on_request(wire: Api, path: str) -> None:
    body = {"Nonsense": 1, "Mine__c": 2}

    strict = wire.post(f"{path}?rejectUnknownFields=true", body)
    lenient = wire.post(f"{path}?rejectUnknownFields=false", body)

    assert strict.status_code == 400
    assert strict.json() == {"message": "Error - unrecognised fields"}
    assert lenient.status_code == 400
    assert lenient.json()["Errors"][0]["Code"] == "MISSING_REQUIRED_VALUE"


def test_r_t42_an_unknown_field_of_a_usage_record_is_ignored_unless_refused(api: Api) -> None:
    requests, _ = fill(api)
    body = {**(requests["createUsage"].body or {}), "Nonsense": 1}

    strict = api.post("/v1/object/usage?rejectUnknownFields=true", body)
    lenient = api.post("/v1/object/usage", body)

    assert (strict.status_code, lenient.status_code) == (400, 200)
    assert strict.json() == {"message": "Error - unrecognised fields"}
    assert "Nonsense" not in api.found(f"/v1/object/usage/{lenient.json()['Id']}")


def test_r_t42_custom_fields_are_known(wire: Api) -> None:
    body = {
        "UomName": "Hour",
        "DisplayedAs": "Hour",
        "DecimalPlaces": 0,
        "RoundingMode": "Up",
        "Active": True,
        "Mine__c": 1,
    }

    assert wire.post("/v1/object/unit-of-measure?rejectUnknownFields=true", body).status_code == 200


@pytest.mark.parametrize("value", ["yes", "TRUE", "1", ""])
def test_a_flag_is_true_or_false(wire: Api, value: str) -> None:
    response = wire.post(f"/v1/object/product?rejectUnknownFields={value}", {})

    assert response.status_code == 400
    assert response.json()["Errors"] == [
        {
            "Code": "INVALID_VALUE",
            "Message": "'rejectUnknownFields' value should be one of: true, false",
        }
    ]


def test_every_fault_of_a_body_is_named_in_order(wire: Api) -> None:
    response = wire.post(
        URL, {"name": 5, "currency": "US", "billToContact": None, "batch": "b" * 51}
    )

    assert response.status_code == 400
    assert response.json()["reasons"] == [
        {"code": 50100020, "message": "'name' value is invalid"},
        {"code": 50100020, "message": "'currency' value is invalid"},
        {"code": 50100022, "message": "'billToContact' may not be null"},
        {"code": 50100020, "message": "'batch' value should be at most 50 characters"},
    ]


def rendered(kind: Kind, dialect: Dialect, version: str) -> int:
    scope: dict[str, Any] = {"method": "POST", "path": "/", "query_string": b"", "headers": []}

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError

    exchange = Exchange.of(scope, receive)
    error = EarnedError([Problem(kind, "message")])
    return render_refusal(error, exchange, dialect, 501000, Version.named(version)).status


# R 8.2: category, and the status from 2024-05-20 on, before it, and of the object dialect.
STATUSES = {
    Kind.PERMISSION: (10, 403, 200, 403),
    Kind.AUTHENTICATION: (11, 401, 401, 401),
    Kind.INVALID: (20, 400, 200, 400),
    Kind.UNKNOWN_FIELD: (21, 400, 200, 400),
    Kind.MISSING: (22, 400, 200, 400),
    Kind.MISSING_PARAMETER: (23, 400, 200, 400),
    Kind.INVALID_QUERY: (27, 400, 400, 400),
    Kind.RULE: (30, 400, 200, 400),
    Kind.NOT_FOUND: (40, 404, 200, 404),
    Kind.UNSUPPORTED: (45, 405, 405, 405),
    Kind.CONTENTION: (50, 409, 200, 409),
    Kind.INTERNAL: (60, 500, 500, 500),
    Kind.TEMPORARY: (61, 500, 500, 500),
    Kind.LIMIT: (70, 429, 429, 429),
    Kind.MALFORMED: (90, 400, 400, 400),
}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_category_and_statuses(kind: Kind) -> None:
    category, new, old, crud = STATUSES[kind]

    assert kind.value == category
    assert rendered(kind, Dialect.V1, "2024-05-20") == new
    assert rendered(kind, Dialect.V1, "2025-08-12") == new
    assert rendered(kind, Dialect.V1, "341.0") == old
    assert rendered(kind, Dialect.OBJECT, "186.0") == crud
    assert rendered(kind, Dialect.OBJECT, "2025-08-12") == crud
    assert KINDS.keys() == set(Kind)


def test_a_key_that_is_not_found_names_no_payload_and_a_field_does() -> None:
    exchange = Exchange.of(
        {"method": "POST", "path": "/", "query_string": b"", "headers": []}, no_body
    )
    version = Version.named("2025-08-12")

    by_key = render_refusal(NotFound.by_key("K"), exchange, Dialect.V1, 506000, version)
    by_field = render_refusal(
        NotFound("Cannot find it.", field="fundId"), exchange, Dialect.V1, 506000, version
    )

    assert b"50000040" in by_key.body
    assert b"50600040" in by_field.body


async def no_body() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}


Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def receiving(*messages: dict[str, Any]) -> Receive:
    waiting = iter(messages)

    async def receive() -> MutableMapping[str, Any]:
        return next(waiting)

    return receive


@pytest.mark.parametrize(
    "messages",
    [
        [{"type": "http.disconnect"}],
        [
            {"type": "http.request", "body": b'{"a":', "more_body": True},
            {"type": "http.disconnect"},
        ],
    ],
)
def test_a_client_that_goes_away_amid_its_body_has_asked_for_nothing(
    messages: list[dict[str, Any]],
) -> None:
    with pytest.raises(Malformed, match="ended before its body"):
        anyio.run(read_body, receiving(*messages), {})


class Timers(asyncio.SelectorEventLoop):
    """An event loop that counts the timers it is asked for."""

    made = 0

    def call_at(self, *args: Any, **kwargs: Any) -> asyncio.TimerHandle:  # type: ignore[override]
        self.made += 1
        return super().call_at(*args, **kwargs)


def read(receive: Receive, seconds: float) -> tuple[bytes, int]:
    """Return a body, and how many timers it took."""
    with asyncio.Runner(loop_factory=Timers) as runner:
        body = runner.run(read_body(receive, {}, seconds))
        loop = runner.get_loop()
        assert isinstance(loop, Timers)
        return body, loop.made


@pytest.mark.parametrize("pieces", [0, 1])
def test_a_body_that_does_not_come_is_not_waited_for(pieces: int) -> None:
    waiting = [{"type": "http.request", "body": b"{", "more_body": True}] * pieces

    async def receive() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await asyncio.Future()

    with pytest.raises(WireError, match="did not come in time") as caught:
        read(receive, 0.001)

    assert caught.value.status == 408
    assert caught.value.headers == [("connection", "close")]


def test_only_a_body_that_is_waited_for_costs_a_timer() -> None:
    here = {"type": "http.request", "body": b"{}"}

    async def late() -> MutableMapping[str, Any]:
        await asyncio.sleep(0)
        return here

    assert read(receiving(here), 30) == (b"{}", 0)
    assert read(late, 30) == (b"{}", 1)
    assert read(late, 0) == (b"{}", 0)


def test_a_body_comes_in_pieces() -> None:
    pieces = (
        {"type": "http.request", "body": b'{"a":', "more_body": True},
        {"type": "http.request", "more_body": True},
        {"type": "http.request", "body": b"1}"},
    )

    assert anyio.run(read_body, receiving(*pieces), {}) == b'{"a":1}'
