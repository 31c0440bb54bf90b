"""Rate and concurrency limits, and the headers that tell of them (R 8.7, 8.8)."""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import pytest
from httpx2 import Response

from earned.bootstrap.first_run import add_client, add_entity, add_tenant
from earned.bootstrap.rates import PRODUCTION, parse_rates
from earned.bootstrap.settings import BadSetting, ServerSettings
from earned.domain.errors import LimitExceeded
from earned.domain.tenancy import Entity
from earned.http.limits import OverLimit, RateLimiter
from tests.api import Api, serving, sign_in
from tests.builders import writing

UNKNOWN = "/v1/accounts/A404"
ACME = {
    "name": "Acme",
    "currency": "USD",
    "billToContact": {"firstName": "Ada", "lastName": "Ames"},
}
TOO_MANY_AT_ONCE = (
    "The total number of concurrent requests has exceeded the limit allowed by the system. "
    "Please resubmit your request later."
)


def limit_headers(response: Response) -> dict[str, str]:
    wanted = ("ratelimit-", "concurrency-limit-")
    return {k: v for k, v in response.headers.items() if k.startswith(wanted)}


def test_the_limits_of_production_are_told_with_every_answer(founded_database_url: str) -> None:
    with serving(founded_database_url, rate_limits=PRODUCTION) as api:
        api.get(UNKNOWN)
        headers = limit_headers(api.get(UNKNOWN))

    assert headers["ratelimit-limit"] == "50000, 50000;w=60, 2250000;w=3600, 27000000;w=86400"
    assert headers["ratelimit-remaining"] == "49998"
    assert 1 <= int(headers["ratelimit-reset"]) <= 60
    assert headers["concurrency-limit-type"] == "Default"
    assert headers["concurrency-limit-limit"] == "40"
    assert headers["concurrency-limit-remaining"] == "39"


def test_over_the_rate_both_dialects_answer_429(founded_database_url: str) -> None:
    with serving(founded_database_url, rate_limits=((2, 60), (1000, 3600))) as api:
        answers = [api.get(UNKNOWN, Zuora_Version="186.0") for _ in range(3)]
        crud = api.get("/v1/object/product/unknown")

    refused = answers[2]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert refused.json()["reasons"] == [
        {
            "code": 50000070,
            "message": "The number of requests has exceeded the rate limit. Please retry later.",
        }
    ]
    assert refused.headers["ratelimit-limit"] == "2, 2;w=60, 1000;w=3600"
    assert refused.headers["ratelimit-remaining"] == "0"
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]
    assert crud.status_code == 429
    assert crud.json()["Errors"][0]["Code"] == "REQUEST_EXCEEDED_LIMIT"


def test_failed_requests_count_and_those_of_nobody_do_not(founded_database_url: str) -> None:
    with serving(founded_database_url, rate_limits=((2, 60),)) as api:
        for _ in range(5):
            assert api.http.get(UNKNOWN).status_code == 401
        bad_header = api.get(UNKNOWN, Zuora_Track_Id="a:b")
        bad_body = api.post("/v1/accounts", [])
        refused = api.get(UNKNOWN)

    assert (bad_header.status_code, bad_body.status_code) == (400, 400)
    assert bad_header.headers["ratelimit-remaining"] == "1"
    assert bad_body.headers["ratelimit-remaining"] == "0"
    assert refused.status_code == 429


def test_a_tenant_does_not_use_up_the_rate_of_another(founded_database_url: str) -> None:
    with serving(founded_database_url, rate_limits=((1, 60),)) as api:
        tenant = add_tenant(api.application, "Other")
        entity = next(e for e in api.application.clients.list(Entity) if e.tenant_id == tenant.id)
        client = add_client(api.application, tenant.id, (entity.id,), "secret")
        other = sign_in(api.http, client.id, "secret")

        mine = [api.get(UNKNOWN).status_code for _ in range(2)]
        theirs = api.get(UNKNOWN, **other).status_code

    assert (mine, theirs) == ([404, 429], 404)


def test_without_limits_no_header_tells_of_them(founded_database_url: str) -> None:
    unlimited: dict[str, Any] = {
        "concurrency_default": 0,
        "concurrency_high_volume": 0,
        "concurrency_object_query": 0,
    }
    with serving(founded_database_url, **unlimited) as api:
        assert limit_headers(api.get(UNKNOWN)) == {}
        assert limit_headers(api.get("/healthz")) == {}


@pytest.mark.parametrize(
    ("path", "method", "kind", "limit"),
    [
        (UNKNOWN, "GET", "Default", "40"),
        ("/v1/accounts", "POST", "High-volume transactions", "200"),
        ("/v1/orders", "POST", "High-volume transactions", "200"),
        ("/v1/subscriptions", "POST", "High-volume transactions", "200"),
        ("/v1/object/usage", "POST", "Default", "40"),
        ("/v1/revenue-schedules/subscription-charges/x", "POST", "Default", "40"),
        ("/object-query/accounts", "GET", "Object Query", "80"),
    ],
)
def test_every_kind_of_traffic_has_its_limit(
    wire: Api, path: str, method: str, kind: str, limit: str
) -> None:
    headers = limit_headers(wire.request(method, path, {}))

    assert headers["concurrency-limit-type"] == kind
    assert headers["concurrency-limit-limit"] == limit
    assert int(headers["concurrency-limit-remaining"]) == int(limit) - 1


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/v1/nothing"])
def test_what_is_no_operation_has_no_limit_headers(wire: Api, path: str) -> None:
    assert limit_headers(wire.get(path)) == {}


def test_over_the_concurrency_a_request_is_refused(founded_database_url: str) -> None:
    with (
        serving(founded_database_url, concurrency_high_volume=1) as api,
        ThreadPoolExecutor(2) as clients,
    ):
        with writing(api):
            answers = [clients.submit(api.post, "/v1/accounts", ACME) for _ in range(2)]
            early, _ = wait(answers, return_when=FIRST_COMPLETED)
            refused = early.pop().result()
            other_traffic = api.get("/healthz")
        answered = next(answer.result() for answer in answers if answer.result() is not refused)
        later = api.post("/v1/accounts", ACME)

    assert refused.status_code == 429
    assert refused.json()["reasons"] == [{"code": 50000070, "message": TOO_MANY_AT_ONCE}]
    assert refused.headers["retry-after"] == "1"
    assert limit_headers(refused) == {
        "concurrency-limit-type": "High-volume transactions",
        "concurrency-limit-limit": "1",
        "concurrency-limit-remaining": "0",
    }
    assert other_traffic.status_code == answered.status_code == later.status_code == 200


def test_an_entity_does_not_take_the_places_of_another(founded_database_url: str) -> None:
    with (
        serving(founded_database_url, concurrency_high_volume=1) as api,
        ThreadPoolExecutor(1) as clients,
    ):
        first = api.application.clients.list(Entity)[0]
        second = add_entity(api.application, first.tenant_id, "Second")
        client = add_client(api.application, first.tenant_id, (first.id, second.id), "secret")
        api.headers |= sign_in(api.http, client.id, "secret")

        with writing(api):
            made = clients.submit(api.post, "/v1/accounts", ACME, Zuora_Entity_Ids=first.id)
            read = api.get("/v1/accounts/A404", Zuora_Entity_Ids=second.id)
        assert made.result().status_code == 200
    assert read.headers["concurrency-limit-remaining"] == "39"


class Seconds:
    """A clock of seconds that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_starts_afresh_when_its_time_is_over() -> None:
    clock = Seconds()
    limiter = RateLimiter(((2, 60), (5, 3600)), clock)

    assert dict(limiter.count("t"))["ratelimit-remaining"] == "1"
    clock.now += 59.5
    headers = dict(limiter.count("t"))
    assert headers["ratelimit-reset"] == "1"
    with pytest.raises(LimitExceeded):
        limiter.count("t")

    clock.now += 0.5
    assert dict(limiter.count("t"))["ratelimit-limit"] == "5, 2;w=60, 5;w=3600"
    assert dict(limiter.count("t")) == {
        "ratelimit-limit": "2, 2;w=60, 5;w=3600",
        "ratelimit-remaining": "0",
        "ratelimit-reset": "60",
    }


def test_the_window_nearest_exhaustion_is_told() -> None:
    clock = Seconds()
    limiter = RateLimiter(((10, 1), (20, 60)), clock)
    for _ in range(15):
        limiter.count("t")
        clock.now += 1

    headers = dict(limiter.count("t"))

    assert headers["ratelimit-limit"] == "20, 10;w=1, 20;w=60"
    assert headers["ratelimit-remaining"] == "4"
    assert headers["ratelimit-reset"] == "45"


def test_what_is_over_a_long_window_waits_for_it() -> None:
    clock = Seconds()
    limiter = RateLimiter(((10, 1), (10, 60)), clock)
    for _ in range(10):
        limiter.count("t")
    clock.now += 1

    with pytest.raises(OverLimit) as caught:
        limiter.count("t")

    assert dict(caught.value.headers)["retry-after"] == "59"


def test_callers_that_stay_away_are_forgotten() -> None:
    clock = Seconds()
    limiter = RateLimiter(((10, 60),), clock)
    for number in range(10_000):
        limiter.count(f"address {number}")
    clock.now += 60

    limiter.count("one more")

    assert len(limiter._callers) == 1


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("off", ()),
        ("production", ((50_000, 60), (2_250_000, 3600), (27_000_000, 86400))),
        ("Developer-Sandbox", ((12_500, 60), (25_000, 3600), (50_000, 86400))),
        ("api-sandbox", ((2_500, 60), (5_000, 3600), (10_000, 86400))),
        ("100/1, 5000/60", ((100, 1), (5000, 60))),
    ],
)
def test_limits_are_named_or_written_out(text: str, rates: tuple[tuple[int, int], ...]) -> None:
    assert parse_rates(text) == rates


@pytest.mark.parametrize("text", ["some", "100", "0/60", "100/0", "100/-1", "100/60/60"])
def test_limits_that_cannot_be_are_refused_by_name(text: str) -> None:
    with pytest.raises(BadSetting, match="EARNED_AUTH_RATE_LIMITS"):
        ServerSettings.from_environment({"EARNED_AUTH_RATE_LIMITS": text})
