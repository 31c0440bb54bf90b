"""Several server processes on one PostgreSQL database: they lock, and do not trust memory."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests import builders
from tests.api import keeping
from tests.concurrency.load import (
    USAGE,
    Client,
    Request,
    Told,
    by_status,
    clients,
    day_of,
    expected_amounts,
    expected_days,
    reading,
    repeated,
    send_all,
    servers,
    set_up,
    usage,
)

RECORDS = 240
JANUARY = Request(
    "/v1/accounting-periods",
    {"name": "Jan", "startDate": "2026-01-01", "endDate": "2026-01-31", "fiscalYear": 2026},
)


@pytest.fixture
def url(migrated_postgresql_url: str) -> str:
    return migrated_postgresql_url


@pytest.fixture
def pair(url: str) -> Iterator[tuple[Client, Client]]:
    """Lend a client of each of two servers, on the books of one sale."""
    set_up(url)
    with servers(url, 2) as running, clients(running, 2) as (first, second):
        yield first, second


def put(path: str) -> Request:
    return Request(path, {}, method="PUT")


def changed(request: Request, **fields: object) -> Request:
    return replace(request, body={**request.body, **fields})


def test_three_processes_on_the_same_funds(url: str) -> None:
    sales = set_up(url, sales=3)
    charges = [None, *(sold.charge("Drawdown").number for sold in sales)]
    requests = [usage(number, charges[number % 4]) for number in range(RECORDS)]
    with servers(url, 3) as running, clients(running, 24) as senders:
        answers = send_all(senders, requests)

    told = Told.by(url)
    assert by_status(answers) == {200: RECORDS}
    assert len({answer.id for answer in answers}) == told.records == RECORDS
    # A record that names no charge counts on all three.
    each = [expected_days([n for n in range(RECORDS) if n % 4 in {0, k}]) for k in (1, 2, 3)]
    assert told.balances == tuple(2_000_000 - days.total() for days in each)
    assert told.days == each[0] + each[1] + each[2]
    amounts = [sum(expected_amounts(days, 1_000_000, 777).values()) for days in each]
    assert sum(told.amounts.values()) == sum(amounts)


def test_three_processes_open_the_same_service_periods(url: str) -> None:
    """Nothing is prepaid here, and each of 100 days is a service period: no lock is there yet."""
    with keeping(url) as keeper, builders.writing(keeper) as books:
        plan = builders.rate_plan(books)
        free: dict[str, Any] = {"is_prepaid": False, "prepaid_operation_type": None}
        free |= {"drawdown_uom": None, "drawdown_rate": None}
        free |= {"billing_period": "Specific_Days", "specific_billing_period": 1}
        builders.drawdown_charge(books, plan, **free)
        builders.sell(books, builders.account(books), plan)
    first = date(2026, 1, 1)
    requests = [changed(usage(n), StartDateTime=str(first + timedelta(n // 3))) for n in range(300)]
    with servers(url, 3) as running, clients(running, 3) as senders:
        answers = send_all(senders, requests)

    assert by_status(answers) == {200: 300}
    assert Told.by(url).overage == expected_days(range(300)).total()


def test_one_key_at_two_processes_is_done_once(pair: tuple[Client, Client], url: str) -> None:
    requests = [usage(number, key=f"key-{number}") for number in range(100)]

    answers = send_all(pair, [request for request in requests for _ in pair])

    assert by_status(answers) == {200: 200}
    assert len({answer.id for answer in answers}) == 100
    assert len({(answer.request.key, answer.id) for answer in answers}) == 100
    told = Told.by(url)
    assert told.records == 100
    assert told.days == expected_days(range(100))


def test_one_unique_key_at_two_processes_is_one_record(
    pair: tuple[Client, Client], url: str
) -> None:
    for end in pair:
        end.headers["X-Zuora-WSDL-Version"] = "114"
    requests = [usage(number) for number in range(100)]
    keyed = [
        Request(one.path, {**one.body, "UniqueKey": f"key-{n}"}) for n, one in enumerate(requests)
    ]

    answers = send_all(pair, [request for request in keyed for _ in pair])

    assert by_status(answers) == {200: 200}
    assert len({answer.id for answer in answers}) == 100
    assert Told.by(url).days == expected_days(range(100))


def test_changes_of_one_record_at_two_processes_are_all_kept(
    pair: tuple[Client, Client], url: str
) -> None:
    """A change keeps what it does not name as it is when it is made, not as it was looked up."""
    first, second = pair
    path = f"/v1/object/usage/{first.send(usage(0)).id}"
    with ThreadPoolExecutor(1) as other:
        for number in range(2, 82):
            description = Request(path, {"Description": str(number)}, method="PUT")
            told = other.submit(second.send, description)
            assert first.send(Request(path, {"Quantity": number}, method="PUT")).status == 200
            assert told.result().status == 200
            with reading(url) as books:
                (record,) = books.usage.list()
            assert record.quantity == number
            assert record.description == str(number)
    assert Told.by(url).balances == (2_000_000 - 81,)


def test_records_are_changed_at_two_processes_while_others_come_in(url: str) -> None:
    set_up(url, sales=2)
    with servers(url, 2) as running, clients(running, 16) as senders:
        made = send_all(senders, [usage(number) for number in range(20)])
        paths = [f"{USAGE}/{answer.id}" for answer in made]
        answers = send_all(
            senders,
            [
                usage(n) if n % 3 else Request(paths[n % 20], {"Quantity": n % 9 + 1}, method="PUT")
                for n in range(RECORDS)
            ],
        )
        last = send_all(senders, [Request(path, {"Quantity": 3}, method="PUT") for path in paths])

    assert by_status(made + answers + last) == {200: 20 + RECORDS + 20}
    days = expected_days(n for n in range(RECORDS) if n % 3)
    for number in range(20):
        days[day_of(number)] += 3
    told = Told.by(url)
    # Both subscriptions have a charge of the unit, so that each record counts twice.
    assert told.days == days + days
    assert told.balances == (2_000_000 - days.total(),) * 2


def test_what_one_process_sells_the_other_draws_from(pair: tuple[Client, Client], url: str) -> None:
    first, second = pair
    with keeping(url) as keeper, builders.writing(keeper) as books:
        plan = builders.rate_plan(books, "More")
        builders.prepayment_charge(
            books, plan, name="More", charge_type="OneTime", units=50, price=5
        )
    full = usage(0)
    for end in pair:
        assert end.send(full).status == 200
    assert second.send(changed(full, Quantity=1_000_000)).status == 200
    assert Told.by(url).overage == 2
    action = {
        "type": "AddProduct",
        "triggerDates": [{"name": "ContractEffective", "triggerDate": "2026-01-01"}],
        "addProduct": {"productRatePlanId": plan.id},
    }
    order = {
        "orderDate": "2026-01-01",
        "existingAccountNumber": "A00000001",
        "subscriptions": [{"subscriptionNumber": "A-S00000001", "orderActions": [action]}],
    }

    assert first.send(Request("/v1/orders", order)).status == 200

    assert second.send(full).status == 200
    assert first.send(full).status == 200
    told = Told.by(url)
    assert told.overage == 2
    assert told.balances == (1_000_048,)


def test_a_unit_that_one_process_retires_the_other_refuses(
    pair: tuple[Client, Client], url: str
) -> None:
    first, second = pair
    assert second.send(usage(0)).status == 200
    with reading(url) as books:
        unit = books.units.find(name="Token")
        assert unit
    retired = Request(f"/v1/object/unit-of-measure/{unit.id}", {"Active": False}, method="PUT")

    assert first.send(retired).status == 200

    refused = second.send(usage(0))
    assert refused.status == 400
    assert refused.body["Errors"][0]["Message"] == "The UOM does not match"


def test_a_period_that_one_process_closes_is_closed_at_the_other(
    pair: tuple[Client, Client], url: str
) -> None:
    first, second = pair
    with keeping(url) as keeper:
        keeper.settings(allow_usage_in_closed_period=False)
    january = {"name": "Jan", "startDate": "2026-01-01", "endDate": "2026-01-31"}
    period = first.send(Request("/v1/accounting-periods", january | {"fiscalYear": 2026})).body[
        "id"
    ]
    assert second.send(usage(0)).status == 200

    assert first.send(put(f"/v1/accounting-periods/{period}/close")).status == 200

    refused = second.send(usage(0))
    assert refused.status == 400
    assert refused.body["Errors"][0]["Code"] == "ACCOUNTING_PERIOD_CLOSED"
    assert first.send(put(f"/v1/accounting-periods/{period}/reopen")).status == 200
    assert second.send(usage(0)).status == 200


def test_a_period_closes_and_reopens_in_the_middle_of_a_load(url: str) -> None:
    set_up(url)
    with (
        servers(url, 2) as running,
        clients(running, 16) as senders,
        clients(running, 1) as (boss,),
    ):
        path = f"/v1/accounting-periods/{boss.send(JANUARY).body['id']}"

        def close_and_reopen() -> None:
            assert boss.send(put(f"{path}/close")).status == 200
            assert boss.send(put(f"{path}/reopen")).status == 200

        with repeated(close_and_reopen) as times:
            answers = send_all(senders, [usage(number) for number in range(RECORDS)])

    assert by_status(answers) == {200: RECORDS}
    assert times() >= 2
    told = Told.by(url)
    assert told.days == expected_days(range(RECORDS))
    assert told.amounts == expected_amounts(told.days, 1_000_000, 777)
