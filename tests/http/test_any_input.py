"""Whatever is sent to whatever route: never a fault of the server, never half a change."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import text

from earned.http.operation import Operation
from earned.http.parameters import parameters_of
from earned.http.table import OPERATIONS
from earned.storage.tables import metadata
from tests.api import Api
from tests.http.samples import Request, fill

# What a refusal may leave behind: the answer kept under an idempotency key.
KEPT = {"idempotency_key", "access_token"}
EXAMPLES_WITH_BODY, EXAMPLES_WITHOUT = 30, 8
INWARD, LEFT_OUT = 0.7, 0.1

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["\0", "\ud800", "é" * 300, "x" * 70_000, " ", "0", "-1", "1e400", "NaN"]),
    st.sampled_from(["2026-01-15", "2026-02-30", "9999-12-31", "0001-01-01", "2026-01-10T10:00Z"]),
    st.sampled_from(["true", "Month", "USD", "JPY", "XXX", "Token", "A00000001", "0" * 32]),
)
NUMBERS = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, -1, 2**31, 2**63, 10**30, 1e300, 1e-300, 0.1]),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Accept-Encoding",
            "Content-Encoding",
            "Content-Type",
            "Idempotency-Key",
            "X-Zuora-WSDL-Version",
            "Zuora-Entity-Ids",
            "Zuora-Org-Ids",
            "Zuora-Track-Id",
            "Zuora-Version",
        ]
    ),
    st.one_of(
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
        st.sampled_from(["gzip", "identity", "114", "186.0", "2024-05-20", "application/json"]),
    ),
    max_size=2,
)


@dataclass
class Books:
    """A server with something in it, sound requests, and what there is to name."""

    api: Api
    requests: Mapping[str, Request]
    keys: list[str]


@pytest.fixture(scope="module")
def books(wire: Api) -> Books:
    requests, keys = fill(wire)
    return Books(wire, requests, keys)


COUNTS = text(
    " UNION ALL ".join(
        f"SELECT '{table.name}', count(*) FROM {table.name}"  # noqa: S608 - Names of ours.
        for table in metadata.sorted_tables
        if table.name not in KEPT
    )
)


def row_counts(api: Api) -> dict[str, int]:
    with api.application.database.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(COUNTS)}


def bodies(operation: Operation, books: Books) -> st.SearchStrategy[bytes]:
    """Return sound bodies with a part replaced, objects of known fields, any JSON, and bytes."""
    if operation.takes_file:
        return st.binary(max_size=80).map(lambda part: b"--b\r\n" + part)
    if operation.body is None:
        return st.just(b"") | st.binary(max_size=20)
    shaped = objects(operation.body, books.keys)
    sound = books.requests.get(operation.id, Request()).body or {}
    replaced = st.builds(replace_part, st.just(sound), st.randoms(), values(books.keys))
    return st.one_of(
        replaced.map(encode),
        replaced.map(encode),
        shaped.map(encode),
        VALUES.map(encode),
        st.binary(max_size=40),
    )


def values(keys: list[str]) -> st.SearchStrategy[Any]:
    return st.one_of(TEXTS, NUMBERS, VALUES, st.sampled_from(keys))


def replace_part(sound: Mapping[str, Any], chance: Random, value: object) -> Any:
    """Return a copy of `sound` in which one part, however deep, is `value` or is left out."""
    copy = deepcopy(dict(sound))
    part: Any = copy
    while True:
        if not part:
            return copy
        place = chance.choice(list(part) if isinstance(part, dict) else range(len(part)))
        inner = part[place]
        if isinstance(inner, dict | list) and inner and chance.random() < INWARD:
            part = inner
            continue
        if chance.random() < LEFT_OUT:
            del part[place]
        else:
            part[place] = value
        return copy


def objects(model: type[BaseModel], keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    fields = {field.alias or name: values(keys) for name, field in model.model_fields.items()}
    return st.fixed_dictionaries({}, optional={**fields, "Custom__c": VALUES, "unknown": VALUES})


def encode(value: object) -> bytes:
    return json.dumps(value).encode()


def paths(operation: Operation, books: Books) -> st.SearchStrategy[str]:
    sound = st.just(books.requests.get(operation.id, Request()).key)
    value = st.one_of(sound, sound, st.sampled_from(books.keys), TEXTS.map(printable))
    value = value.map(lambda text: quote(text, safe=""))
    parts = operation.path.split("/")
    return st.tuples(*(value if part.startswith("{") else st.just(part) for part in parts)).map(
        "/".join
    )


def printable(text: str) -> str:
    return text.encode(errors="replace").decode()[:200] or "x"


def queries(operation: Operation) -> st.SearchStrategy[str]:
    names = [parameter.name for parameter in parameters_of(operation)] + ["page", "x"]
    values = TEXTS.map(printable)
    return st.lists(st.tuples(st.sampled_from(names), values), max_size=2).map(urlencode)


def was_refused(answer: Any) -> bool:
    return isinstance(answer, dict) and (
        answer.get("success") is False or answer.get("Success") is False
    )


def test_the_requests_that_are_broken_below_are_sound(api: Api) -> None:
    requests, _ = fill(api)
    for operation in OPERATIONS:
        request = requests.get(operation.id, Request())
        if request.body is not None:
            path = re.sub(r"\{[^}]+\}", request.key, operation.path)
            answer = api.request(operation.method, path, request.body)
            assert answer.status_code == 200, (operation.id, answer.text)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda row: f"{row.method} {row.path}")
def test_no_input_breaks_the_server_or_leaves_half_a_change(
    operation: Operation, books: Books
) -> None:
    api = books.api
    counts = row_counts(api)
    examples = EXAMPLES_WITH_BODY if operation.has_body else EXAMPLES_WITHOUT
    media = "multipart/form-data; boundary=b" if operation.takes_file else "application/json"
    inputs = st.tuples(
        HEADERS, paths(operation, books), queries(operation), bodies(operation, books)
    )

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def send(drawn: tuple[dict[str, str], str, str, bytes]) -> None:
        nonlocal counts
        more, path, query, body = drawn
        headers = {**api.headers, "Content-Type": media, **more}
        response = api.http.request(
            operation.method,
            path,
            params=query,
            content=body,
            headers=[(k.encode(), v.encode("latin-1")) for k, v in headers.items()],
        )

        assert response.status_code < 500, response.text
        is_json = response.headers.get("content-type", "").startswith("application/json")
        answer = response.json() if response.content and is_json else None
        after = row_counts(api)
        if response.status_code >= 400 or was_refused(answer) or operation.method == "GET":
            assert after == counts
        counts = after

    send()
