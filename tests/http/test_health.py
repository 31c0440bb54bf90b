"""Whether the server is alive and ready."""

from sqlalchemy import text
from starlette.testclient import TestClient

from earned.bootstrap.application import open_application
from earned.bootstrap.settings import ServerSettings
from earned.http.app import Server
from tests.api import Api


def test_a_server_is_alive_and_ready(wire: Api) -> None:
    alive, ready = wire.http.get("/healthz"), wire.http.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "checks": {"database": "ok", "writer": "ok"}}


def test_a_database_that_is_not_migrated_is_not_ready(database_url: str) -> None:
    application = open_application(ServerSettings(database_url))
    with TestClient(Server(application)) as http:
        alive, ready = http.get("/healthz"), http.get("/readyz")

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": "not migrated", "writer": "ok"}


def test_a_database_of_another_version_is_not_ready(api: Api) -> None:
    with api.application.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))

    ready = api.http.get("/readyz")

    assert ready.status_code == 503
    assert ready.json()["checks"]["database"] == "not migrated"


def test_a_database_that_is_gone_is_not_ready() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=1"
    application = open_application(ServerSettings(nowhere))
    with TestClient(Server(application)) as http:
        ready = http.get("/readyz")

    assert ready.status_code == 503
    assert ready.json() == {
        "status": "not ready",
        "checks": {"database": "unreachable", "writer": "ok"},
    }


def test_a_server_whose_writer_has_stopped_is_not_ready(api: Api) -> None:
    server: Server = api.http.app  # type: ignore[assignment]
    server.running.writer.close()

    ready = api.http.get("/readyz")

    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": "ok", "writer": "stopped"}
