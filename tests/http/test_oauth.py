"""Tokens: how they are given, what they open, and when they end (R 9)."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta

import pytest
from httpx2 import Response
from sqlalchemy import select, text, update

from earned.bootstrap.first_run import add_client
from earned.domain.tenancy import Entity, OAuthClient
from earned.storage.tables.tenancy import access_token, oauth_client
from tests.api import CLIENT_ID, CLIENT_SECRET, Api, serving, sign_in

FORM = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}
CHALLENGE = "Basic realm=Zuora API, ZSession realm=Zuora API, Bearer realm=Zuora API"


def ask(api: Api, changes: Mapping[str, str] | None = None) -> Response:
    return api.http.post("/oauth/token", data={**FORM, **(changes or {})})


def deactivate(api: Api, client_id: str) -> None:
    with api.application.database.engine.begin() as connection:
        mine = oauth_client.c.id == client_id
        connection.execute(update(oauth_client).where(mine).values(active=False))


def test_a_token_tells_what_it_opens_and_how_long(wire: Api) -> None:
    response = ask(wire)

    client = wire.application.clients.list(OAuthClient)[0]
    entity = wire.application.clients.list(Entity)[0]
    answer = response.json()
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert len(response.headers["zuora-request-id"]) == 36
    assert answer["token_type"] == "bearer"
    assert answer["expires_in"] == 3600
    assert answer["jti"] == answer["access_token"]
    assert answer["scope"] == (
        f"entity.{entity.id} tenant.{client.tenant_id} user.{client.user_id} service.earned"
    )


def test_credentials_may_come_in_a_header_as_the_documentation_page_sends_them(wire: Api) -> None:
    basic = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    form = {"grant_type": "client_credentials"}

    response = wire.http.post(
        "/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"}
    )

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "error", "message"),
    [
        ({"client_id": "nobody"}, 400, "invalid_client", "Invalid client id"),
        ({"client_secret": "wrong"}, 401, "invalid_client", "Invalid client secret"),
        (
            {"grant_type": "password"},
            400,
            "unsupported_grant_type",
            "grant_type should be client_credentials.",
        ),
        (
            {"client_secret": ""},
            400,
            "invalid_request",
            "client_id and client_secret are required.",
        ),
        ({"client_id": "a\0b"}, 400, "invalid_request", "The form should not contain NUL."),
    ],
)
def test_a_refusal_is_shaped_as_spring_does(
    wire: Api, changes: dict[str, str], status: int, error: str, message: str
) -> None:
    response = ask(wire, changes)

    assert response.status_code == status
    assert response.json() == {
        "status": status,
        "error": error,
        "message": message,
        "path": "/oauth/token",
    }


def test_a_body_that_is_no_form_is_refused(wire: Api) -> None:
    response = wire.http.post("/oauth/token", json=FORM)

    assert response.status_code == 415
    assert response.json()["error"] == "invalid_request"


def test_a_form_of_a_thousand_fields_is_refused(wire: Api) -> None:
    response = ask(wire, {f"field{number}": "" for number in range(1000)})

    assert response.status_code == 400


def test_a_disabled_client_gets_no_token(api: Api) -> None:
    deactivate(api, CLIENT_ID)

    response = ask(api)

    assert response.status_code == 403
    assert response.json()["message"] == "Forbidden"


def test_neither_secrets_nor_tokens_are_stored(wire: Api) -> None:
    token = ask(wire).json()["access_token"]

    with wire.application.database.engine.connect() as connection:
        secrets = connection.execute(select(oauth_client.c.secret_hash)).scalars().all()
        tokens = connection.execute(select(access_token.c.token_hash)).scalars().all()
    assert all(secret.startswith("scrypt$") and CLIENT_SECRET not in secret for secret in secrets)
    assert tokens
    assert token not in tokens


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer 0123456789abcdef", "Basic YTpi", "bearer\tx"],
)
def test_without_a_valid_token_both_dialects_answer_401(
    wire: Api, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    v1 = wire.http.get("/v1/accounts/A1", headers=headers)
    crud = wire.http.post("/v1/object/product", headers=headers, json={"Name": "x"})

    assert v1.status_code == crud.status_code == 401
    assert v1.headers["www-authenticate"] == crud.headers["www-authenticate"] == CHALLENGE
    assert v1.json() == {
        "success": False,
        "processId": v1.json()["processId"],
        "reasons": [
            {"code": 90000011, "message": "this resource is protected, please sign in first"}
        ],
        "requestId": v1.headers["zuora-request-id"],
    }
    assert crud.json() == {"message": "Authentication error"}


def test_object_queries_of_the_newest_version_refuse_without_success(wire: Api) -> None:
    response = wire.http.get("/object-query/accounts", headers={"Zuora-Version": "2025-08-12"})

    assert response.status_code == 401
    assert sorted(response.json()) == ["reasons", "requestId"]


def test_a_token_ends_after_an_hour(api: Api) -> None:
    api.headers |= sign_in(api.http, CLIENT_ID, CLIENT_SECRET)
    api.clock.now += timedelta(seconds=3599)
    assert api.get("/v1/accounts/A1").status_code == 404

    api.clock.now += timedelta(seconds=1)

    assert api.get("/v1/accounts/A1").status_code == 401


def test_a_token_of_a_disabled_client_ends_within_a_minute(api: Api) -> None:
    assert api.get("/v1/accounts/A1").status_code == 404
    deactivate(api, CLIENT_ID)

    api.clock.now += timedelta(seconds=60)

    assert api.get("/v1/accounts/A1").status_code == 401


def test_a_revoked_token_ends_at_once(api: Api) -> None:
    assert api.get("/v1/accounts/A1").status_code == 404
    token = api.headers["Authorization"].removeprefix("Bearer ")

    response = api.http.post("/oauth/revoke", data={**FORM, "token": token})

    assert response.status_code == 200
    assert api.get("/v1/accounts/A1").status_code == 401
    assert api.http.post("/oauth/revoke", data={**FORM, "token": token}).status_code == 200


def test_nobody_revokes_the_token_of_another(api: Api) -> None:
    tenant = api.application.clients.list(OAuthClient)[0].tenant_id
    entity = api.application.clients.list(Entity)[0]
    other = add_client(api.application, tenant, (entity.id,), "other-secret")
    token = api.headers["Authorization"].removeprefix("Bearer ")

    form = {"client_id": other.id, "client_secret": "other-secret", "token": token}
    assert api.http.post("/oauth/revoke", data=form).status_code == 200

    assert api.get("/v1/accounts/A1").status_code == 404


def test_a_token_survives_a_restart(founded_database_url: str) -> None:
    with serving(founded_database_url) as before:
        headers = sign_in(before.http, CLIENT_ID, CLIENT_SECRET)

    with serving(founded_database_url) as after:
        assert after.http.get("/v1/accounts/A1", headers=headers).status_code == 200


def test_an_address_may_ask_for_so_many_tokens_a_minute(founded_database_url: str) -> None:
    with serving(founded_database_url, auth_address_rate_limits=((3, 60),)) as api:
        answers = [ask(api), *(ask(api, {"client_secret": "wrong"}) for _ in range(3))]

    assert [answer.status_code for answer in answers] == [200, 401, 401, 429]
    assert answers[3].headers["ratelimit-limit"] == "3, 3;w=60"
    assert answers[3].headers["ratelimit-remaining"] == "0"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60


def test_a_tenant_may_ask_for_so_many_tokens(founded_database_url: str) -> None:
    with serving(founded_database_url, auth_rate_limits=((3, 60), (100, 3600))) as api:
        answers = [ask(api) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-limit"] == "3, 3;w=60, 100;w=3600"
    assert answers[1].headers["ratelimit-remaining"] == "1"
    assert answers[3].headers["ratelimit-remaining"] == "0"


def test_a_defect_of_ours_is_answered_in_json(api: Api) -> None:
    with api.application.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE access_token"))

    response = api.http.post("/oauth/token", data=FORM)

    assert response.status_code == 500
    assert response.json()["error"] == "server_error"
    assert response.json()["path"] == "/oauth/token"
