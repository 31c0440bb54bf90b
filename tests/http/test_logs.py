"""What the server logs of requests, and what it never does."""

import json
import logging
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import DBAPIError

from earned.bootstrap.logs import configure_logs
from earned.bootstrap.settings import ServerSettings
from tests.api import Api, serving
from tests.builders import account, prepaid_plan, sell, writing

ACME = {
    "name": "A-name-that-nobody-should-log",
    "currency": "USD",
    "billToContact": {"firstName": "Ada", "lastName": "Ames"},
}
USAGE = {
    "AccountNumber": "A00000001",
    "UOM": "Token",
    "Quantity": 1,
    "StartDateTime": "2026-01-10T10:00:00Z",
}


def events(captured: list[Any]) -> list[tuple[str, str, int]]:
    return [
        (entry["log_level"], entry["operation"], entry["status"])
        for entry in captured
        if entry["event"] == "request answered"
    ]


def test_changes_are_logged_and_floods_and_looks_are_not(api: Api) -> None:
    with writing(api) as books:
        sell(books, account(books), prepaid_plan(books))

    with structlog.testing.capture_logs() as captured:
        made = api.made("/v1/accounts", ACME, Zuora_Track_Id="mine")
        api.post("/v1/accounts", {})
        api.get("/v1/accounts/A404")
        api.made("/v1/object/usage", USAGE)

    assert made["success"] is True
    assert events(list(captured)) == [
        ("info", "createAccount", 200),
        ("info", "createAccount", 400),
    ]
    first = captured[0]
    assert first["track_id"] == "mine"
    assert first["path"] == "/v1/accounts"
    assert first["milliseconds"] > 0
    assert {"method", "request_id", "entity"} <= first.keys()


def test_at_debug_every_request_is_logged(founded_database_url: str) -> None:
    with (
        serving(founded_database_url, log_level="debug") as api,
        structlog.testing.capture_logs() as captured,
    ):
        api.get("/v1/accounts/A404")
        api.http.get("/v1/accounts/A404")

    assert events(list(captured)) == [("debug", "getAccount", 404), ("debug", "getAccount", 401)]


@pytest.mark.usefixtures("restored_logs")
def test_a_defect_is_logged_without_what_the_client_sent(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(ServerSettings("sqlite:///x.db", log_format="json"))
    with api.application.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE account RENAME COLUMN name TO broken")

    response = api.post("/v1/accounts", ACME)

    parsed = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    lines = [line for line in parsed if line["logger"] == "earned.http"]
    assert response.status_code == 500
    assert [(line["level"], line["event"]) for line in lines] == [
        ("error", "request failed"),
        ("warning", "request answered"),
    ]
    assert lines[0]["request_id"] == lines[1]["request_id"] == response.json()["requestId"]
    assert lines[1]["status"] == 500
    text = json.dumps(lines)
    assert "Traceback" in lines[0]["exception"]
    assert str(ACME["name"]) not in text
    assert api.headers["Authorization"].removeprefix("Bearer ") not in text


@pytest.mark.usefixtures("restored_logs")
def test_what_the_database_says_of_a_row_is_not_logged(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(ServerSettings("sqlite:///x.db", log_format="json"))
    with api.application.database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE odd (a TEXT NOT NULL, b TEXT NOT NULL)")

    try:
        with api.application.database.engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO odd (a) VALUES ('nobody-should-log')")
    except DBAPIError:
        structlog.get_logger("earned.http").exception("failed")

    line = json.loads(capsys.readouterr().err)
    assert "DBAPIError" in line["exception"] or "IntegrityError" in line["exception"]
    assert "DETAIL:  Failing row" not in line["exception"]


@pytest.mark.usefixtures("restored_logs")
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_our_lines_and_those_of_the_server_look_alike(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(ServerSettings("sqlite:///x.db", log_format=log_format))

    structlog.get_logger("earned.http").info("ours", answer=42)
    logging.getLogger("uvicorn.error").info("theirs %d", 43)
    structlog.get_logger("earned.http").debug("too fine")

    ours, theirs = capsys.readouterr().err.splitlines()
    if log_format == "json":
        assert json.loads(ours)["answer"] == 42
        assert json.loads(ours)["level"] == "info"
        assert json.loads(theirs)["event"] == "theirs 43"
        assert json.loads(theirs)["logger"] == "uvicorn.error"
    else:
        assert "ours" in ours
        assert "answer=42" in ours
        assert "theirs 43" in theirs
        assert "[uvicorn.error]" in theirs
