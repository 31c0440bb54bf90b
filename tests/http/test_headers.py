"""Headers that every operation understands, and the form of a request."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response

from earned.domain.settings import API_VERSIONS
from tests.api import Api

TRACK_REFUSED = (
    "Zuora-Track-Id should be at most 64 US-ASCII characters without colon, semicolon, double "
    "quote and quote."
)
UNKNOWN = "/v1/accounts/A404"
UNKNOWN_SCHEDULE = "/v1/revenue-schedules/RS-404"
NEWEST = "2025-08-12"


def ask(api: Api, path: str, *pairs: tuple[str, str | bytes], method: str = "GET") -> Response:
    """Send exactly these headers besides the token, repeated ones too."""
    token = ("Authorization", api.headers["Authorization"])
    raw: Any = [(k.encode(), v if isinstance(v, bytes) else v.encode()) for k, v in (token, *pairs)]
    return api.http.request(method, path, headers=raw)


def reason(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["reasons"][0]
    return found


@pytest.mark.parametrize("track_id", ["a:b", "a;b", 'a"b', "a'b", "x" * 65, "caf\xe9", "a\tb"])
def test_r_t44_a_track_id_with_what_it_may_not_have_is_refused(wire: Api, track_id: str) -> None:
    response = ask(wire, UNKNOWN, ("Zuora-Track-Id", track_id.encode("latin-1")))

    assert response.status_code == 400
    assert reason(response) == {"code": 50000020, "message": TRACK_REFUSED}
    assert "zuora-track-id" not in response.headers


@pytest.mark.parametrize("track_id", ["x" * 64, "order 7/8 (retry) ~!", ""])
def test_r_t44_a_track_id_is_returned(wire: Api, track_id: str) -> None:
    response = ask(wire, UNKNOWN, ("Zuora-Track-Id", track_id))

    assert response.status_code == 200
    assert response.headers["zuora-track-id"] == track_id


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/accounts/A404", 404),
        ("GET", "/v1/nothing", 404),
        ("PUT", "/v1/accounts", 405),
        ("POST", "/oauth/token", 415),
        ("GET", "/healthz", 200),
    ],
)
def test_every_answer_has_a_request_id_and_the_track_id(
    wire: Api, method: str, path: str, status: int
) -> None:
    response = wire.request(method, path, {}, Zuora_Track_Id="mine", Zuora_Request_Id="forged")

    assert response.status_code == status
    assert response.headers["zuora-track-id"] == "mine"
    request_id = response.headers["zuora-request-id"]
    assert UUID(request_id).version == 4
    assert str(UUID(request_id)) == request_id


def test_an_answer_without_a_token_has_them_too(wire: Api) -> None:
    response = wire.http.get(UNKNOWN, headers={"Zuora-Track-Id": "mine"})

    assert response.status_code == 401
    assert response.headers["zuora-track-id"] == "mine"
    assert len(response.headers["zuora-request-id"]) == 36


@pytest.mark.parametrize("version", API_VERSIONS)
def test_r_t40_the_version_decides_the_status_of_an_error(wire: Api, version: str) -> None:
    response = ask(wire, UNKNOWN_SCHEDULE, ("Zuora-Version", version))

    assert response.status_code == (404 if version in {"2024-05-20", "2025-08-12"} else 200)
    assert response.json()["success"] is False
    assert reason(response)["code"] == 50000040


def test_r_t40_the_body_is_the_same_whatever_the_version(wire: Api) -> None:
    old = ask(wire, UNKNOWN_SCHEDULE).json()
    new = ask(wire, UNKNOWN_SCHEDULE, ("Zuora-Version", "2024-05-20")).json()

    assert (
        old["reasons"]
        == new["reasons"]
        == [{"code": 50000040, "message": "Cannot find entity by key: 'RS-404'."}]
    )
    assert old.keys() == new.keys() == {"success", "processId", "reasons", "requestId"}


@pytest.mark.parametrize("version", ["186", "190.0", "342.0", "2024-05-21", "", "latest"])
def test_a_version_that_does_not_exist_is_refused(wire: Api, version: str) -> None:
    response = ask(wire, UNKNOWN, ("Zuora-Version", version))

    assert response.status_code == 400
    assert reason(response) == {
        "code": 50000020,
        "message": f"Zuora-Version '{version}' is not a supported minor version.",
    }


def test_an_entity_chooses_the_version_of_requests_that_name_none(api: Api) -> None:
    assert ask(api, UNKNOWN).status_code == 200

    api.settings(default_zuora_version="2024-05-20")

    api.clock.now += timedelta(seconds=4.999)
    assert ask(api, UNKNOWN).status_code == 200
    api.clock.now += timedelta(seconds=0.001)
    assert ask(api, UNKNOWN).status_code == 404
    assert ask(api, UNKNOWN, ("Zuora-Version", "341.0")).status_code == 200


def test_an_object_operation_does_not_care_for_the_version(wire: Api) -> None:
    old = ask(wire, "/v1/object/product/unknown", ("Zuora-Version", "186.0"))
    new = ask(wire, "/v1/object/product/unknown", ("Zuora-Version", NEWEST))

    assert old.status_code == new.status_code == 404
    assert old.json() == new.json() == {"records": [], "size": 0, "done": True}


@pytest.mark.parametrize("version", ["-1", "x", "1234", "\xb2", ""])
def test_a_wsdl_version_that_is_no_number_is_refused(wire: Api, version: str) -> None:
    header = ("X-Zuora-WSDL-Version", version.encode("latin-1"))

    response = ask(wire, "/v1/object/product/unknown", header)

    assert response.status_code == 400
    assert response.json()["Errors"][0]["Message"] == (
        "X-Zuora-WSDL-Version should be a version number."
    )


@pytest.mark.parametrize("version", ["79", "114", "69.0", "130 "])
def test_a_wsdl_version_is_a_number(wire: Api, version: str) -> None:
    response = ask(wire, "/v1/object/product/unknown", ("X-Zuora-WSDL-Version", version))

    assert response.status_code == 404


def test_a_header_that_is_sent_twice_with_two_values_is_refused(wire: Api) -> None:
    response = ask(wire, UNKNOWN, ("Zuora-Track-Id", "one"), ("Zuora-Track-Id", "two"))

    assert response.status_code == 400
    assert reason(response) == {
        "code": 50000020,
        "message": "The header 'zuora-track-id' was sent more than once.",
    }


def test_two_tokens_are_none(wire: Api) -> None:
    response = ask(wire, UNKNOWN, ("Authorization", "Bearer other"))

    assert response.status_code == 400


def test_a_header_that_is_sent_twice_with_one_value_counts_once(wire: Api) -> None:
    response = ask(wire, UNKNOWN, ("Zuora-Version", NEWEST), ("Zuora-Version", NEWEST))

    assert response.status_code == 404


def test_a_list_may_come_in_several_headers(wire: Api) -> None:
    response = ask(wire, UNKNOWN, ("Accept-Encoding", "br"), ("Accept-Encoding", "gzip"))

    assert response.status_code == 200


def test_a_url_beyond_measure_is_refused(wire: Api) -> None:
    response = ask(wire, f"{UNKNOWN}?x={'y' * 8192}")

    assert response.status_code == 414
    assert reason(response)["code"] == 50000070


def test_headers_beyond_measure_are_refused(wire: Api) -> None:
    response = ask(wire, UNKNOWN, *((f"x-{number}", "y") for number in range(101)))

    assert response.status_code == 431


@pytest.mark.parametrize(
    "path",
    ["/v1/accounts/%00", "/v1/accounts/%ff", "/v1/accounts/A?x=%00", "/v1/accounts/A?%c3%28=1"],
)
def test_what_is_no_text_is_refused(wire: Api, path: str) -> None:
    response = ask(wire, path)

    assert response.status_code == 400
    assert reason(response)["code"] == 50000090


SCHEDULES = "/v1/revenue-schedules/subscription-charges"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{SCHEDULES}/%00", 50000090),
        (f"{SCHEDULES}/{'x' * 8192}", 50000070),
        (f"{SCHEDULES}/x", 50600090),
    ],
)
def test_a_code_names_the_resource_only_where_the_payload_is_at_fault(
    wire: Api, path: str, code: int
) -> None:
    response = wire.http.post(path, content=b"[]", headers=wire.headers)

    assert reason(response)["code"] == code


def test_a_key_may_be_percent_encoded(api: Api) -> None:
    made = {"name": "Z", "currency": "EUR", "billToContact": {"firstName": "A", "lastName": "B"}}
    api.made("/v1/accounts", {**made, "accountNumber": "K\u00f6ln #1/a"})

    assert api.get("/v1/accounts/K%C3%B6ln%20%231%2Fa").status_code == 404, "a slash divides"
    api.made("/v1/accounts", {**made, "accountNumber": "K\u00f6ln #1"})
    assert api.found("/v1/accounts/K%C3%B6ln%20%231")["basicInfo"]["accountNumber"] == (
        "K\u00f6ln #1"
    )


def test_head_is_get_without_the_body(wire: Api) -> None:
    response = wire.request("HEAD", UNKNOWN)

    assert response.status_code == 404
    assert response.content == b""
    assert int(response.headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/accounts", "OPTIONS, POST"),
        ("/v1/accounts/A1", "GET, HEAD, OPTIONS, PUT"),
        ("/v1/object/usage", "OPTIONS, POST"),
        ("/oauth/token", "OPTIONS, POST"),
    ],
)
def test_options_tells_the_methods_of_a_path(wire: Api, path: str, methods: str) -> None:
    response = wire.http.options(path)

    assert response.status_code == 204
    assert response.headers["allow"] == methods


def test_another_method_is_refused_with_those_there_are(wire: Api) -> None:
    response = wire.request("PATCH", "/v1/accounts/A1", {})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert reason(response) == {"code": 50000045, "message": "method 'PATCH' not supported"}


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/acounts", "/v1/accounts/", "//v1/accounts"])
def test_a_path_that_does_not_exist_is_not_found(wire: Api, path: str) -> None:
    response = wire.http.request("GET", f"http://testserver{path}")

    assert response.status_code == 404
    assert reason(response) == {
        "code": 50000040,
        "message": f"The endpoint {path} does not exist.",
    }
