"""Many clients at once on one fund: nothing is lost, nothing is done twice."""

import pytest

from tests.concurrency.load import (
    Told,
    by_status,
    clients,
    expected_amounts,
    expected_days,
    send_all,
    servers,
    set_up,
    usage,
)

RECORDS = 960


@pytest.mark.parametrize(("units", "overage"), [(1_000_000, 0), (2000, 1837)])
def test_thirty_two_clients_on_one_fund(
    migrated_database_url: str, units: int, overage: int
) -> None:
    set_up(migrated_database_url, units=units)
    with servers(migrated_database_url) as running, clients(running) as senders:
        answers = send_all(senders, [usage(number) for number in range(RECORDS)])

    told = Told.by(migrated_database_url)
    assert by_status(answers) == {200: RECORDS}
    assert len({answer.id for answer in answers}) == told.records == RECORDS
    used = sum(expected_days(range(RECORDS)).values())
    assert used == 3837
    assert told.balances == (2 * units - used + overage,)
    assert told.overage == overage
    if not overage:
        days = expected_days(range(RECORDS))
        assert told.days == days
        assert told.amounts == expected_amounts(days, units, 777)
    else:
        assert sum(told.amounts.values()) == 77_700


def test_duplicates_under_one_key_are_done_once(migrated_database_url: str) -> None:
    set_up(migrated_database_url)
    requests = [usage(number, key=f"key-{number}") for number in range(200)]
    with servers(migrated_database_url) as running, clients(running) as senders:
        # Neighbours in the list go to different clients at the same time.
        answers = send_all(senders, [request for request in requests for _ in range(4)])
        again = send_all(senders, requests)

    told = Told.by(migrated_database_url)
    assert by_status(answers).keys() <= {200, 409}
    assert by_status(again) == {200: 200}
    ids = {answer.request.key: answer.id for answer in again}
    assert all(ids[a.request.key] == a.id for a in answers if a.status == 200)
    assert len(set(ids.values())) == told.records == 200
    assert told.days == expected_days(range(200))
