"""The order of the checks that `docs/reference/errors.md` publishes."""

from typing import Any

from httpx2 import Response

from earned.http.body import BODY_BYTES_MAX
from tests.api import Api

URL = "/v1/object/unit-of-measure"
UNIT = {
    "UomName": "Token",
    "DisplayedAs": "Token",
    "DecimalPlaces": 0,
    "RoundingMode": "Up",
    "Active": True,
}

# A request with every fault there is, and two headers of one name.
QUERY = "rejectUnknownFields=perhaps&x=%00"
HEADERS: dict[str, str | None] = {
    "Idempotency-Key": "k" * 256,
    "Zuora-Track-Id": "a:b",
    "X-Zuora-WSDL-Version": "x",
    "Zuora-Version": "1",
    "zuora-version": "186.0",
    "Zuora-Entity-Ids": "x",
    "Zuora-Org-Ids": "x",
    "Content-Type": "text/plain",
    "Content-Encoding": "br",
    **{f"many-{number}": "y" for number in range(101)},
}
FEWER = {f"many-{number}": None for number in range(101)}

USED = "The Idempotency-Key was used for a different request."

# What is answered, and what is then mended. None takes a header away.
STEPS: list[tuple[int, str, dict[str, Any]]] = [
    (414, "The URL is longer than 8192 characters.", {"query": QUERY}),
    (431, "The request has more than 100 headers.", FEWER),
    (400, "The header 'zuora-version' was sent more than once.", {"zuora-version": None}),
    (400, "Malformed request: the query is not UTF-8", {"query": "rejectUnknownFields=perhaps"}),
    (401, "Authentication error", {"Authorization": "the token"}),
    (400, "Zuora-Track-Id should be at most", {"Zuora-Track-Id": None}),
    (400, "Zuora-Version '1' is not a supported", {"Zuora-Version": None}),
    (400, "X-Zuora-WSDL-Version should be", {"X-Zuora-WSDL-Version": None}),
    (400, "Zuora-Entity-Ids should be", {"Zuora-Entity-Ids": None}),
    (400, "Zuora-Org-Ids should be", {"Zuora-Org-Ids": None}),
    (400, "Idempotency-Key should be", {"Idempotency-Key": "taken"}),
    (413, "The request body is larger than 8388608 bytes.", {"body": b"[]"}),
    (415, "Content-Encoding 'br' is not supported", {"Content-Encoding": "gzip"}),
    (400, "Malformed request: the body is not valid gzip.", {"Content-Encoding": None}),
    (422, USED, {"Idempotency-Key": None}),
    (400, "'rejectUnknownFields' value should be", {"query": "rejectUnknownFields=true"}),
    (415, "Content-Type 'text/plain' is not", {"Content-Type": "application/json"}),
    (400, "Malformed request: the body should be a JSON object.", {"body": b'{"Unknown": 1}'}),
    (400, "Error - unrecognised fields", {"body": b'{"UomName": ""}'}),
    (400, "'UomName' value is invalid", {}),
]


def test_the_first_check_that_fails_answers(api: Api) -> None:
    api.made(URL, UNIT, Idempotency_Key="taken")
    query, headers, body = f"{QUERY}&y={'z' * 8192}", dict(HEADERS), b"[" + b" " * BODY_BYTES_MAX

    for status, message, mended in STEPS:
        response = send(api, query, headers, body)
        assert (response.status_code, told(response)[: len(message)]) == (status, message)
        query, body = mended.get("query", query), mended.get("body", body)
        headers |= {name: value for name, value in mended.items() if name not in {"query", "body"}}
        if headers.get("Authorization"):
            headers["Authorization"] = api.headers["Authorization"]


def send(api: Api, query: str, headers: dict[str, str | None], body: bytes) -> Response:
    sent = [(name.encode(), value.encode()) for name, value in headers.items() if value is not None]
    return api.http.post(f"{URL}?{query}", content=body, headers=sent)


def told(response: Response) -> str:
    answer = response.json()
    message: str = answer["Errors"][0]["Message"] if "Errors" in answer else answer["message"]
    return message
