"""What the server counts of itself."""

import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from earned.http.counts import Counts, Histogram
from earned.http.siblings import Siblings
from tests.api import CLIENT_ID, CLIENT_SECRET, Api, serving, sign_in
from tests.builders import account, prepaid_plan, sell, writing

ACME = {
    "name": "Acme",
    "currency": "USD",
    "billToContact": {"firstName": "Ada", "lastName": "Ames"},
}
USAGE = {
    "AccountNumber": "A00000001",
    "UOM": "Token",
    "Quantity": 1,
    "StartDateTime": "2026-01-10T10:00:00Z",
}


def metrics(api: Api) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    response = api.http.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_operation_and_status(api: Api) -> None:
    sign_in(api.http, CLIENT_ID, CLIENT_SECRET)
    api.post("/v1/accounts", ACME)
    api.post("/v1/accounts", ACME)
    api.post("/v1/accounts", {})
    api.get("/v1/accounts/A404")
    api.get("/v1/nothing")

    found = metrics(api)

    def requests(operation: str, status: str) -> float:
        return found["earned_requests_total", (("operation", operation), ("status", status))]

    assert requests("createAccount", "200") == 2
    assert requests("createAccount", "400") == 1
    assert requests("getAccount", "404") == 1
    assert requests("unmatched", "404") == 1
    assert requests("/oauth/token", "200") == 1
    assert found["earned_request_seconds_count", (("operation", "createAccount"),)] == 3
    assert found["earned_request_seconds_sum", (("operation", "createAccount"),)] > 0


def test_commits_are_counted_with_the_requests_that_shared_them(api: Api) -> None:
    before = metrics(api)
    api.post("/v1/accounts", ACME)
    api.post("/v1/accounts", ACME)
    after = metrics(api)

    def grown(name: str) -> float:
        return after[name, ()] - before[name, ()]

    assert grown("earned_commit_seconds_count") == 2
    assert grown("earned_commit_seconds_sum") > 0
    assert grown("earned_commit_jobs_sum") == 2
    assert after["earned_jobs_waiting", ()] == 0


def test_accepted_usage_is_counted_and_replays_are_not(api: Api) -> None:
    with writing(api) as books:
        sell(books, account(books), prepaid_plan(books))

    api.made("/v1/object/usage", USAGE)
    api.made("/v1/object/usage", USAGE, Idempotency_Key="key-1")
    api.made("/v1/object/usage", USAGE, Idempotency_Key="key-1")
    api.post("/v1/object/usage", {})

    found = metrics(api)
    assert found["earned_usage_records_accepted_total", ()] == 2
    assert found["earned_idempotent_replays_total", (("operation", "createUsage"),)] == 1


def test_the_process_is_measured_too(wire: Api) -> None:
    assert metrics(wire)["process_resident_memory_bytes", ()] > 0


def accounts_made(api: Api) -> float:
    return metrics(api)[
        "earned_requests_total", (("operation", "createAccount"), ("status", "200"))
    ]


def test_every_process_tells_of_all(founded_database_url: str, tmp_path: Path) -> None:
    directory = str(tmp_path / "shared")
    with serving(founded_database_url, metrics_directory=directory) as second:
        with serving(founded_database_url, metrics_directory=directory) as first:
            first.made("/v1/accounts", ACME)
            first.made("/v1/accounts", ACME)
            second.made("/v1/accounts", ACME)
            second.get("/v1/accounts/A404")

            assert accounts_made(second) >= 1
            assert accounts_made(first) == accounts_made(second) == 3
            first.made("/v1/accounts", ACME)
        found = metrics(second)

    assert accounts_made(second) == 4, "what has ended has counted"
    seconds = "earned_request_seconds_count"
    assert found[seconds, (("operation", "createAccount"),)] == 4
    assert found[seconds, (("operation", "getAccount"),)] == 1
    assert found["earned_commit_jobs_sum", ()] == 4
    assert found["earned_jobs_waiting", ()] == 0
    assert ("process_resident_memory_bytes", ()) not in found, "of which process?"


def test_nothing_waits_in_a_process_that_has_ended(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    Siblings(tmp_path).tell(Counts(waiting=3))
    (mine,) = tmp_path.iterdir()
    mine.replace(tmp_path / f"{ended.pid}-0.counts")

    counts = Siblings(tmp_path).share(Counts(waiting=1))

    assert sorted(one.waiting for one in counts) == [0, 1]


def test_counts_are_added_bound_by_bound() -> None:
    mine, theirs = Counts(), Counts()
    for counts, seconds in ((mine, 0.002), (theirs, 0.002), (theirs, 7)):
        counts.answers["createUsage", 200, False] = 2
        counts.commits.observe(seconds)
        counts.waiting += 1

    mine.add(theirs)

    assert mine.answers == {("createUsage", 200, False): 4}
    assert mine.commits.counts == [0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert mine.commits.total == 7.004
    assert mine.waiting == 3


def test_a_histogram_counts_up_to_each_bound() -> None:
    histogram = Histogram((1, 5, 10))
    for value in (0.5, 1, 2, 10, 11):
        histogram.observe(value)

    assert histogram.buckets() == [("1", 2), ("5", 3), ("10", 4), ("+Inf", 5)]
    assert histogram.total == 24.5
