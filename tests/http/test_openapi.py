"""The description of the API says what the table says, and its page needs no network."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from earned.http.operation import Operation
from earned.http.parameters import parameters_of
from earned.http.routing import methods_at
from earned.http.table import OPERATIONS
from tests.api import Api


@pytest.fixture(scope="module")
def document(embedded_wire: Api) -> dict[str, Any]:
    response = embedded_wire.http.get("/openapi.json")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    found: dict[str, Any] = json.loads(response.content)
    return found


def described(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][operation.path][operation.method.lower()]
    return found


def resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    while "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def parameters(document: dict[str, Any], operation: Operation, place: str) -> dict[str, Any]:
    found = [resolved(document, p) for p in described(document, operation)["parameters"]]
    return {p["name"]: p for p in found if p["in"] == place}


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document, cls=OpenAPIV31SpecValidator)


def test_every_reference_leads_somewhere_and_every_component_is_used(
    document: dict[str, Any],
) -> None:
    used = set(references(document))

    for reference in used:
        resolved(document, {"$ref": reference})
    unused = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "parameters", "headers")
        for name in document["components"][kind]
    } - used
    assert not unused


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda row: f"{row.method} {row.path}")
def test_every_row_of_the_table_is_described(
    document: dict[str, Any], operation: Operation
) -> None:
    found = described(document, operation)

    assert found["operationId"] == operation.id
    assert found["tags"] == [operation.tag]
    assert found["summary"] == operation.summary
    assert ("requestBody" in found) is operation.has_body
    assert parameters(document, operation, "path").keys() == set(
        re.findall(r"\{([^}]+)\}", operation.path)
    )
    assert parameters(document, operation, "query").keys() == {
        parameter.name for parameter in parameters_of(operation)
    }
    headers = parameters(document, operation, "header").keys()
    assert {"Zuora-Track-Id", "Zuora-Entity-Ids", "Zuora-Org-Ids", "Accept-Encoding"} <= headers
    assert ("Idempotency-Key" in headers) is (operation.method in {"POST", "PATCH"})
    assert {"200", "400", "401", "404", "429", "500"} <= found["responses"].keys()


def test_every_path_of_the_document_is_routed(embedded_wire: Api, document: dict[str, Any]) -> None:
    server: Any = embedded_wire.http.app
    hot = {(row.method, row.path) for row in OPERATIONS if row.hot}
    for path, item in document["paths"].items():
        scope = {"type": "http", "method": "NONE", "path": re.sub(r"\{[^}]+\}", "x", path)}
        routed = methods_at(scope, server._framework.routes)
        routed |= {method for method, known in hot if known == path}
        assert {method.upper() for method in item} <= routed, path


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [found["operationId"] for item in document["paths"].values() for found in item.values()]

    assert len(ids) == len(set(ids))
    assert len(ids) == len(OPERATIONS) + 5


def test_reading_and_deleting_have_no_resource_of_their_own() -> None:
    """GET and DELETE carry no payload, so their codes are those of 500000 (R 8.2)."""
    wrong = [
        row.id
        for row in OPERATIONS
        if row.method in {"GET", "DELETE"} and row.body is None and row.resource != 500000
    ]

    assert not wrong


def test_the_seeds_are_described_with_their_limits(document: dict[str, Any]) -> None:
    rows = {(row.method, row.path): row for row in OPERATIONS}
    usage = rows["POST", "/v1/object/usage"]

    headers = parameters(document, usage, "header")
    assert headers["Idempotency-Key"]["schema"]["maxLength"] == 255
    assert headers["Zuora-Track-Id"]["schema"]["maxLength"] == 64
    assert headers["X-Zuora-WSDL-Version"]["schema"]["default"] == "79"
    body = described(document, usage)["requestBody"]["content"]["application/json"]["schema"]
    fields = resolved(document, body)
    assert fields["properties"]["Description"]["anyOf"][0]["maxLength"] == 200
    assert fields["properties"].keys() == {
        "AccountId",
        "AccountNumber",
        "ChargeId",
        "ChargeNumber",
        "Description",
        "EndDateTime",
        "Quantity",
        "StartDateTime",
        "SubscriptionId",
        "SubscriptionNumber",
        "UOM",
        "UniqueKey",
    }
    assert fields["required"] == ["Quantity", "StartDateTime", "UOM"]
    assert "__c$" in fields["patternProperties"]


@pytest.mark.parametrize(
    ("track_id", "is_allowed"), [("order 7", True), ("a:b", False), ("a'b", False), ("é", False)]
)
def test_the_pattern_of_track_ids_is_the_rule(
    document: dict[str, Any],
    track_id: str,
    is_allowed: bool,  # noqa: FBT001 - A row of the table.
) -> None:
    pattern = document["components"]["parameters"]["TrackId"]["schema"]["pattern"]

    assert bool(re.search(pattern, track_id)) is is_allowed


def test_clients_sign_in_as_described(embedded_wire: Api, document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert document["security"] == [{"bearerAuth": []}, {"clientCredentials": []}]
    assert schemes["bearerAuth"] == {"type": "http", "scheme": "bearer"}
    token_url = schemes["clientCredentials"]["flows"]["clientCredentials"]["tokenUrl"]
    assert embedded_wire.http.post(token_url, data={}).status_code == 400
    for path in ("/oauth/token", "/healthz", "/readyz", "/metrics"):
        assert all(found["security"] == [] for found in document["paths"][path].values())


def test_the_page_loads_nothing_from_elsewhere(embedded_wire: Api) -> None:
    page = embedded_wire.http.get("/docs")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "://" not in page.text
    loaded = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)
    assert len(loaded) == 3
    for path in loaded:
        found = embedded_wire.http.get(f"/{path}")
        assert found.status_code == 200
        assert found.headers["content-type"] in {
            "text/css; charset=utf-8",
            "text/javascript; charset=utf-8",
        }


def test_the_page_understands_openapi_3_1(embedded_wire: Api) -> None:
    script = embedded_wire.http.get("/docs/swagger-ui-bundle.js").text

    assert "openapi.json" in embedded_wire.http.get("/docs/start.js").text
    assert re.search(r'PACKAGE_VERSION:"5\.', script)
    assert "isOAS31" in script
