"""The server as a process: it listens, survives what comes over a socket, and ends cleanly."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from signal import SIGINT, SIGTERM, Signals
from typing import Any

import pytest
from httpx2 import Client, Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from earned.bootstrap.application import open_application
from earned.bootstrap.first_run import ensure_books
from earned.bootstrap.listening import CannotListen, address_of, listening
from earned.bootstrap.settings import ServerSettings
from earned.domain.tenancy import Entity, Scope
from earned.domain.usage_import import FILE_TOO_LARGE
from earned.http.connection import MESSAGE_BYTES_MAX
from earned.http.serve import background, create
from earned.storage.tables.accounts import account
from tests.api import CLIENT_ID, CLIENT_SECRET, NEW_ERRORS

URL = "/v1/accounts"
USAGE_FILES = "/v1/usage"
LARGE = MESSAGE_BYTES_MAX + 1
ACME = {
    "name": "Acme",
    "currency": "USD",
    "billToContact": {"firstName": "Ada", "lastName": "Ames"},
}
FORM = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}
CLIENTS = 64
PATIENCE = 60

STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3})")
CHUNKED = b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

PROGRAM = """
import sys
from earned.bootstrap.settings import ServerSettings
from earned.http.serve import run

run(ServerSettings(sys.argv[1]), "127.0.0.1", 0, lambda address: print(address, flush=True))
print("returned", flush=True)
"""


def settings_for(database_url: str) -> ServerSettings:
    """Return settings of a database that has books in it."""
    settings = ServerSettings(
        database_url, rate_limits=(), auth_rate_limits=(), auth_address_rate_limits=()
    )
    application = open_application(settings)
    ensure_books(application, CLIENT_ID, CLIENT_SECRET)
    application.close()
    return settings


@contextmanager
def signed_in(address: str) -> Iterator[Client]:
    with Client(base_url=address, headers=NEW_ERRORS, timeout=PATIENCE) as client:
        token = client.post("/oauth/token", data=FORM).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@contextmanager
def held_writer(settings: ServerSettings) -> Iterator[None]:
    """Keep the writer of another process waiting for a lock."""
    application = open_application(settings)
    entity = application.clients.list(Entity)[0]
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    with application.database.writing() as transaction:
        transaction.books(scope)
        yield
    application.close()


def count_accounts(settings: ServerSettings) -> int:
    application = open_application(settings)
    with application.database.engine.connect() as connection:
        found = int(connection.execute(select(func.count()).select_from(account)).scalar_one())
    application.close()
    return found


def under_way(client: Client) -> int:
    """Return how many creations of accounts are under way, this refused one apart."""
    headers = client.post(URL, json={}).headers
    limit = int(headers["concurrency-limit-limit"])
    return limit - 1 - int(headers["concurrency-limit-remaining"])


def is_listening(address: str) -> bool:
    """Say whether a connection is taken; no request is made of one that may be on its way out."""
    try:
        connected(address).close()
    except ConnectionError:
        return False
    return True


def connected(address: str) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


@pytest.mark.parametrize("number", [SIGTERM, SIGINT])
def test_what_was_accepted_is_answered_before_the_end(
    founded_database_url: str, number: Signals
) -> None:
    settings = settings_for(founded_database_url)
    command = [sys.executable, "-c", PROGRAM, founded_database_url]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,  # noqa: S603 - Ours.
        ThreadPoolExecutor(1) as sender,
    ):
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        with signed_in(address) as client, signed_in(address) as other:
            with held_writer(settings):
                accepted = sender.submit(client.post, URL, json=ACME)
                while not under_way(other):
                    pass
                server.send_signal(number)
                while is_listening(address):
                    pass
            response: Response = accepted.result()
        assert response.status_code == 200
        assert server.wait(PATIENCE) == 0
        assert server.stdout.read() == "returned\n"
    assert count_accounts(settings) == 1


def test_sixty_four_clients_with_one_key_do_it_once(founded_database_url: str) -> None:
    settings = settings_for(founded_database_url)
    with background(settings) as address, signed_in(address) as client:

        def make(number: int) -> Response:
            del number
            with Client(base_url=address, headers=client.headers, timeout=PATIENCE) as mine:
                return mine.post(URL, json=ACME, headers={"Idempotency-Key": "key-1"})

        with ThreadPoolExecutor(CLIENTS) as clients:
            answers = list(clients.map(make, range(CLIENTS)))

    done = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.content for answer in done}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in done) == 1
    assert count_accounts(settings) == 1


def send_raw(address: str, request: bytes) -> bytes:
    with connected(address) as connection:
        connection.sendall(request)
        return connection.recv(65536)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /v1/caf\xe9 HTTP/1.1", b"400"),
        (b"GET /v1/caf%e9 HTTP/1.1", b"400"),
        (b"GET /v1/accounts/%00 HTTP/1.1", b"400"),
        (b"GET /" + b"a" * 10_000 + b" HTTP/1.1", b"414"),
        (b"OPTIONS * HTTP/1.1", b"404"),
        (b"HEAD /healthz HTTP/1.1", b"200"),
        (b"BREW /v1/accounts HTTP/1.1", b"400"),
        (b"nonsense", b"400"),
    ],
)
def test_whatever_comes_over_the_socket_is_answered(
    server_address: str, line: bytes, status: bytes
) -> None:
    answer = send_raw(server_address, line + b"\r\nHost: localhost\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 " + status), answer
    assert send_raw(server_address, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(
        b"HTTP/1.1 200"
    )


def test_requests_that_came_whole_are_answered_before_what_is_none(server_address: str) -> None:
    whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connected(server_address) as connection:
        connection.sendall(whole + whole + b"no request\r\n\r\n")
        answers = b"".join(iter(partial(connection.recv, 65536), b""))

    assert STATUS.findall(answers) == [b"200", b"200", b"400"]


@pytest.fixture
def server_address(founded_sqlite_url: str) -> Iterator[str]:
    with background(settings_for(founded_sqlite_url)) as address:
        yield address


def head_of(size: int, end: bytes = b"\r\n\r\n") -> bytes:
    """Return the head of a request whose URL and headers are of some size."""
    start = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: "
    counted = len(b"/healthzHost: localhost\r\nX: \r\n")
    return start + b"a" * (size - counted) + end


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (head_of(65_536), b"200"),
        (head_of(65_537), b"431"),
        (head_of(65_537, end=b""), b"431"),
        (head_of(1_000)[:-2] + b"Y: b\r\n" * 11_000 + b"\r\n", b"431"),
    ],
    ids=["as large as may be", "too large", "without end", "many headers"],
)
def test_a_head_has_a_largest_size(server_address: str, request_head: bytes, status: bytes) -> None:
    answer = send_raw(server_address, request_head)

    assert answer.startswith(b"HTTP/1.1 " + status)
    if status == b"431":
        head, _, body = answer.decode().partition("\r\n\r\n")
        message = "The URL and headers are larger than 65536 bytes."
        assert json.loads(body)["reasons"] == [{"code": 50000070, "message": message}]
        assert "connection: close" in head


def flood(connection: socket.socket, piece: bytes) -> None:
    for _ in range(1000):
        connection.sendall(piece)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b"\r\n" * 20_000),
        (CHUNKED + b"0\r\n", b"X: " + b"a" * 40_000),
        (CHUNKED, b"9c40\r\n" + b"a" * 40_000 + b"\r\n"),
    ],
    ids=["line ends", "trailers", "chunks"],
)
def test_what_has_no_end_is_ended(server_address: str, start: bytes, piece: bytes) -> None:
    with connected(server_address) as connection:
        connection.sendall(start)
        if start:
            assert connection.recv(65536).startswith(b"HTTP/1.1 405")

        with pytest.raises(ConnectionError):
            flood(connection, piece)


def test_a_form_may_be_as_large_as_an_upload(founded_sqlite_url: str) -> None:
    settings = settings_for(founded_sqlite_url)
    with background(settings) as address, signed_in(address) as client:
        answer = client.post(USAGE_FILES, files={"file": ("usage.csv", b"a" * LARGE)})

    assert (answer.status_code, answer.json()["reasons"][0]["message"]) == (400, FILE_TOO_LARGE)


def test_a_form_without_end_is_ended(founded_sqlite_url: str) -> None:
    settings = replace(settings_for(founded_sqlite_url), upload_bytes=2 * LARGE)
    with background(settings) as address, signed_in(address) as client:
        token = f"Authorization: {client.headers['Authorization']}"
        form = "Content-Type: multipart/form-data; boundary=b"
        with half_sent(address, USAGE_FILES, 2 * LARGE, token, form) as connection:
            connection.sendall(b"a" * (2 * LARGE))
            assert connection.recv(65536).startswith(b"HTTP/1.1 400")

            with pytest.raises(ConnectionError):
                flood(connection, b"a" * 40_000)


TOO_LATE = "The request body did not come in time."


@contextmanager
def half_sent(address: str, path: str, length: int, *headers: str) -> Iterator[socket.socket]:
    """Send a request that declares a body, and none of it."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {length}", *headers, "", ""]
    with connected(address) as connection:
        connection.sendall("\r\n".join(lines).encode())
        yield connection


def to_the_end(connection: socket.socket) -> tuple[str, Any]:
    """Read an answer until the server hangs up; return its head and its body."""
    answer = b"".join(iter(partial(connection.recv, 65536), b"")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    return head, json.loads(body)


def test_a_body_that_never_comes_gives_its_place_back(founded_sqlite_url: str) -> None:
    settings = replace(settings_for(founded_sqlite_url), body_seconds=1, concurrency_high_volume=1)
    with background(settings) as address, signed_in(address) as client:
        token = f"Authorization: {client.headers['Authorization']}"
        with (
            half_sent(address, URL, 100, token) as v1,
            half_sent(address, "/v1/object/usage", 100, token) as crud,
            half_sent(address, "/oauth/token", 100) as oauth,
        ):
            answers = [to_the_end(connection) for connection in (v1, crud, oauth)]
        assert client.post(URL, json=ACME).status_code == 200

    for head, _ in answers:
        assert head.startswith("HTTP/1.1 408 ")
        assert "connection: close" in head
    assert "concurrency-limit-remaining: 0" in answers[0][0]
    bodies = [body for _, body in answers]
    assert bodies[0]["reasons"] == [{"code": 50100070, "message": TOO_LATE}]
    assert bodies[1] == {
        "Success": False,
        "Errors": [{"Code": "REQUEST_EXCEEDED_LIMIT", "Message": TOO_LATE}],
    }
    assert bodies[2] == {
        "status": 408,
        "error": "invalid_request",
        "message": TOO_LATE,
        "path": "/oauth/token",
    }


@pytest.mark.parametrize(("length", "status"), [(8_388_608, b"408"), (8_388_609, b"413")])
def test_a_body_that_is_too_large_is_refused_before_it_comes(
    founded_sqlite_url: str, length: int, status: bytes
) -> None:
    settings = replace(settings_for(founded_sqlite_url), body_seconds=1)
    with background(settings) as address, signed_in(address) as client:
        token = f"Authorization: {client.headers['Authorization']}"
        with half_sent(address, URL, length, token) as connection:
            answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 " + status)


def test_a_client_that_goes_away_leaves_nothing_behind(founded_database_url: str) -> None:
    settings = settings_for(founded_database_url)
    with background(settings) as address, signed_in(address) as client:
        token = client.headers["Authorization"].encode()
        head = b"POST /v1/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: " + token
        for body in (b"", b'{"name":"Acme",'):
            with connected(address) as connection:
                connection.sendall(head + b"\r\nContent-Length: 100\r\n\r\n" + body)

        while under_way(client):
            pass
    assert count_accounts(settings) == 0


def test_a_port_that_is_taken_is_named() -> None:
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(CannotListen, match=f"127.0.0.1 port {port}: Address already in use"),
            background(ServerSettings("sqlite:///never-opened.db"), port=port),
        ):
            pass


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [("127.0.0.1", 65536, "Port 65536 does not exist"), ("no.such.host.invalid", 0, "port 0: ")],
)
def test_an_address_that_cannot_be_is_named(host: str, port: int, words: str) -> None:
    with pytest.raises(CannotListen, match=words), listening(host, port):
        pass


def test_an_address_is_one_to_call() -> None:
    with listening("0.0.0.0", 0) as bound:  # noqa: S104 - All addresses, for a moment.
        port = bound.getsockname()[1]

        assert address_of(bound) == f"http://127.0.0.1:{port}"


@pytest.mark.usefixtures("restored_logs")
def test_a_worker_process_reads_the_environment(
    founded_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARNED_DATABASE_URL", founded_sqlite_url)
    monkeypatch.setenv("EARNED_LOG_LEVEL", "error")

    with TestClient(create()) as http:
        assert http.get("/readyz").status_code == 200
