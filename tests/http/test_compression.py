"""Bodies in gzip, both ways, and of any size (R 8.5)."""

import gzip
import zlib
from typing import Any

import pytest
from httpx2 import Response

from earned.http.body import BODY_BYTES_MAX
from earned.http.dialect import JSON
from earned.http.headers import compress
from earned.services.work import Reply
from tests.api import Api

URL = "/v1/accounts"
ACME = b'{"name":"Acme","currency":"USD","billToContact":{"firstName":"Ada","lastName":"Ames"}}'


def send(api: Api, body: bytes, encoding: str = "gzip", path: str = URL) -> Response:
    headers = {
        **api.headers,
        "Content-Type": "application/json",
        "Content-Encoding": encoding,
    }
    return api.http.post(path, content=body, headers=headers)


def reason(response: Response) -> dict[str, Any]:
    found: dict[str, Any] = response.json()["reasons"][0]
    return found


def test_r_t43_1001_bytes_are_compressed_and_1000_are_not() -> None:
    headers = {"accept-encoding": "gzip"}

    plain = compress(Reply(200, (JSON,), b"x" * 1000), headers)
    zipped = compress(Reply(200, (JSON,), b"x" * 1001), headers)

    assert plain == Reply(200, (JSON,), b"x" * 1000)
    assert ("content-encoding", "gzip") in zipped.headers
    assert ("vary", "accept-encoding") in zipped.headers
    assert gzip.decompress(zipped.body) == b"x" * 1001


def test_r_t43_over_the_wire(embedded_wire: Api) -> None:
    missing = "/v1/accounts/" + "A" * 800
    short = embedded_wire.get(missing, Accept_Encoding="gzip")
    long = embedded_wire.get(missing + "A" * 201, Accept_Encoding="gzip")

    assert "content-encoding" not in short.headers
    assert long.headers["content-encoding"] == "gzip"
    assert long.headers["vary"] == "accept-encoding"
    assert long.json()["reasons"][0]["code"] == 50000040


@pytest.mark.parametrize(
    "accepted", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "gzipped", "deflate"]
)
def test_nothing_is_compressed_for_who_does_not_take_it(accepted: str) -> None:
    reply = compress(Reply(200, (JSON,), b"x" * 2000), {"accept-encoding": accepted})

    assert reply.body == b"x" * 2000
    assert ("content-encoding", "gzip") not in reply.headers


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip", "GZIP;q=0.5", "deflate,gzip;q=1.0"])
def test_gzip_is_found_among_others(accepted: str) -> None:
    reply = compress(Reply(200, (JSON,), b"x" * 2000), {"accept-encoding": accepted})

    assert gzip.decompress(reply.body) == b"x" * 2000


@pytest.mark.parametrize(
    ("media", "is_compressed"),
    [
        ("application/json; charset=utf-8", True),
        ("application/xml", True),
        ("text/html", True),
        ("text/csv", True),
        ("text/plain", True),
        ("image/png", False),
        ("application/zip", False),
    ],
)
def test_only_text_is_compressed(media: str, is_compressed: bool) -> None:  # noqa: FBT001 - A row of the table.
    reply = Reply(200, (("content-type", media),), b"x" * 2000)

    zipped = compress(reply, {"accept-encoding": "gzip"})

    assert (("content-encoding", "gzip") in zipped.headers) is is_compressed


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_gzipped_request_is_understood(embedded_wire: Api, encoding: str) -> None:
    response = send(embedded_wire, gzip.compress(ACME, mtime=0), encoding)

    assert response.status_code == 200
    assert response.json()["success"] is True


def test_a_gzipped_request_may_have_several_members(embedded_wire: Api) -> None:
    response = send(embedded_wire, gzip.compress(ACME[:20]) + gzip.compress(ACME[20:]))

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"this is no gzip", "Malformed request: the body is not valid gzip."),
        (gzip.compress(ACME, mtime=0)[:-9], "Malformed request: the gzip body is incomplete."),
        (gzip.compress(ACME, mtime=0) + b"more", "Malformed request: the body is not valid gzip."),
        (zlib.compress(ACME), "Malformed request: the body is not valid gzip."),
    ],
)
def test_bad_gzip_is_refused(embedded_wire: Api, body: bytes, message: str) -> None:
    response = send(embedded_wire, body)

    assert response.status_code == 400
    assert reason(response) == {"code": 50100090, "message": message}


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_another_encoding_is_refused(embedded_wire: Api, encoding: str) -> None:
    response = send(embedded_wire, ACME, encoding)

    assert response.status_code == 415
    assert reason(response)["code"] == 50100045


def test_a_bomb_is_refused_before_it_unfolds(embedded_wire: Api) -> None:
    bomb = gzip.compress(b" " * (64 * BODY_BYTES_MAX))
    assert len(bomb) < BODY_BYTES_MAX

    response = send(embedded_wire, bomb)

    assert response.status_code == 413
    assert reason(response) == {
        "code": 50100070,
        "message": "The request body is larger than 8388608 bytes.",
    }


def test_a_bomb_of_many_members_is_refused(embedded_wire: Api) -> None:
    member = gzip.compress(b" " * (BODY_BYTES_MAX // 2))

    assert send(embedded_wire, member * 3).status_code == 413


def test_a_body_beyond_measure_is_refused_in_both_dialects(embedded_wire: Api) -> None:
    body = b" " * (BODY_BYTES_MAX + 1)

    v1 = send(embedded_wire, body, "identity")
    crud = send(embedded_wire, body, "identity", "/v1/object/product")

    assert v1.status_code == crud.status_code == 413
    assert crud.json()["Errors"][0]["Code"] == "REQUEST_EXCEEDED_LIMIT"
