"""`earned init` makes the database, the books and a client, and does no harm the second time."""

import pytest
from sqlalchemy import make_url

from earned.bootstrap.application import Application, open_application
from earned.bootstrap.settings import ServerSettings
from earned.cli.exits import Exit
from earned.domain.tenancy import Entity, OAuthClient, Tenant
from tests.cli.conftest import Earned, answered, complaint, done, runner
from tests.postgres import Postgres

CLIENT = "00000000-0000-4000-8000-000000000009"
SECRET = "a-secret-of-the-tests"


def opened(database_url: str) -> Application:
    return open_application(ServerSettings(database_url))


def accepts(database_url: str, client_id: str, secret: str) -> bool:
    application = opened(database_url)
    client = application.clients.find(client_id)
    known = client is not None and application.knows_secret(client, secret)
    application.close()
    return known


def test_init_makes_books_and_a_client_that_may_sign_in(earned: Earned, database_url: str) -> None:
    answer = answered(earned("init", "--json"))

    assert answer["created"] is True
    assert len(answer["clientId"]) == 36
    assert len(answer["clientSecret"]) <= 42
    assert accepts(database_url, answer["clientId"], answer["clientSecret"])


def test_init_shows_a_generated_secret_once(earned: Earned) -> None:
    first = answered(earned("init", "--json"))
    again = answered(earned("init", "--json"))

    assert again["clientId"] == first["clientId"]
    assert again["clientSecret"] is None
    assert again["created"] is False


def test_init_twice_makes_nothing_twice(earned: Earned, database_url: str) -> None:
    for _ in range(2):
        done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))

    application = opened(database_url)
    kinds: tuple[type, ...] = (Tenant, Entity, OAuthClient)
    counts = [len(application.clients.list(kind)) for kind in kinds]
    application.close()
    assert counts == [1, 1, 1]
    assert accepts(database_url, CLIENT, SECRET)


def test_init_tells_people_what_to_keep_and_what_comes_next(earned: Earned) -> None:
    text = done(earned("init", "--client-id", CLIENT))

    assert CLIENT in text
    assert "Keep the secret: only its hash is stored. Next: earned serve" in text


def test_init_adds_a_second_client(earned: Earned, database_url: str) -> None:
    first = answered(earned("init", "--json"))
    done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))

    assert accepts(database_url, first["clientId"], first["clientSecret"])
    assert accepts(database_url, CLIENT, SECRET)


def test_init_refuses_another_secret_for_a_client_that_exists(
    earned: Earned, database_url: str
) -> None:
    done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))

    refused = earned("init", "--client-id", CLIENT, "--client-secret", "another")

    assert "exists and has another secret" in complaint(refused, Exit.REFUSED)
    assert accepts(database_url, CLIENT, SECRET)


def test_init_rotates_a_secret_when_asked(earned: Earned, database_url: str) -> None:
    done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))

    answer = answered(earned("init", "--client-id", CLIENT, "--rotate", "--json"))

    assert not accepts(database_url, CLIENT, SECRET)
    assert accepts(database_url, CLIENT, answer["clientSecret"])


def test_rotating_ends_the_tokens_of_the_client(earned: Earned, database_url: str) -> None:
    done(earned("init", "--client-id", CLIENT, "--client-secret", SECRET))
    application = opened(database_url)
    client = application.clients.find(CLIENT)
    assert client
    token = application.issue_token(client)

    done(earned("init", "--rotate"))

    assert application.find_client(token) is None
    application.close()


def test_init_sets_the_time_zone(earned: Earned) -> None:
    done(earned("init", "--time-zone", "Asia/Tokyo"))

    assert answered(earned("settings", "--json"))["settings"]["timeZone"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--client-id", "short"), "should have 36 characters"),
        (("--client-id", "x" * 37), "'" + "x" * 37 + "' has 37"),
        (("--client-id", " " * 36), "letters, digits and hyphens"),
        (("--client-secret", "s" * 43), "should have 1 to 42 ASCII characters"),
        (("--client-secret", ""), "this one has 0"),
        (("--time-zone", "europe/berlin"), "Did you mean Europe/Berlin?"),
    ],
)
def test_init_refuses_what_cannot_be(
    earned: Earned, arguments: tuple[str, ...], message: str
) -> None:
    assert message in complaint(earned("init", *arguments), Exit.REFUSED)
    assert "There are no books" in complaint(earned("settings"), Exit.SET_UP)


def test_init_creates_a_database_that_the_server_does_not_have(postgres: Postgres) -> None:
    with postgres.database() as spare:
        postgres.execute(f'DROP DATABASE "{spare}"')
        url = postgres.url(spare)

        answer = answered(runner(url)("init", "--json"))

        assert accepts(url, answer["clientId"], answer["clientSecret"])
        assert answer["databaseUrl"] == make_url(url).render_as_string(hide_password=True)


def test_init_names_a_server_that_does_not_answer() -> None:
    nowhere = runner("postgresql://nobody@127.0.0.1:1/books")

    assert "The database cannot be used" in complaint(nowhere("init"), Exit.TRY_AGAIN)
