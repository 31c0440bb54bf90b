"""Regenerating while usage flows: neither waits for the other, and nothing is lost."""

from typing import Any

from sqlalchemy import create_engine, make_url, text

from tests.concurrency.load import (
    REGENERATE,
    Request,
    Told,
    by_status,
    clients,
    expected_amounts,
    expected_days,
    repeated,
    send_all,
    servers,
    set_up,
    usage,
)

RECORDS = 320
CLIENTS = 8
# A pause of the machine is no fault of ours; a lock held for the length of a replay would be.
GRACE_SECONDS = 2.0


def stored_rows(database_url: str) -> dict[str, list[Any]]:
    """Return every daily row and event, as the database holds them."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table: connection.execute(text(f"SELECT * FROM {table} ORDER BY id")).all()  # noqa: S608 - Two known names.
            for table in ("daily_consumption", "revenue_event")
        }
    engine.dispose()
    return {table: list(rows) for table, rows in found.items()}


def test_usage_flows_while_its_charge_is_regenerated(migrated_database_url: str) -> None:
    (sold,) = set_up(migrated_database_url)
    regeneration = Request(REGENERATE, {"originalChargeId": sold.charge("Prepayment").original_id})
    with (
        servers(migrated_database_url) as running,
        clients(running, CLIENTS) as senders,
        clients(running, 1) as (other,),
    ):

        def regenerate() -> None:
            answer = other.send(regeneration)
            assert (answer.status, answer.body) == (200, {"success": True})

        undisturbed = send_all(senders, [usage(number) for number in range(RECORDS)])
        with repeated(regenerate) as times:
            disturbed = send_all(senders, [usage(n) for n in range(RECORDS, 2 * RECORDS)])
        assert times() > 3
        before = stored_rows(migrated_database_url)
        regenerate()

    assert stored_rows(migrated_database_url) == before
    assert by_status(undisturbed + disturbed) == {200: 2 * RECORDS}
    slowest = max(answer.seconds for answer in undisturbed)
    assert max(answer.seconds for answer in disturbed) < 10 * slowest + GRACE_SECONDS
    told = Told.by(migrated_database_url)
    assert told.days == expected_days(range(2 * RECORDS))
    assert told.amounts == expected_amounts(told.days, 1_000_000, 777)
