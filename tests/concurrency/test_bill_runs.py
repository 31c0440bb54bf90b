"""Billing beside usage that keeps coming: nothing is billed twice, and nothing is left out."""

from collections import Counter
from random import Random

from tests.concurrency.load import (
    Request,
    Told,
    by_status,
    clients,
    expected_days,
    reading,
    send_all,
    servers,
    set_up,
    usage,
)

RECORDS = 240
GENERATE = "/v1/accounts/A00000001/billing-documents/generate"
BODY = {"effectiveDate": "2026-01-15", "targetDate": "2026-02-01"}


def test_documents_beside_usage_bill_each_record_once(migrated_database_url: str) -> None:
    set_up(migrated_database_url, units=100)
    requests = [usage(number) for number in range(RECORDS)]
    requests += [Request(GENERATE, BODY) for _ in range(12)]
    Random(7).shuffle(requests)  # noqa: S311 - The same at each run.
    count = 1 if migrated_database_url.startswith("sqlite") else 2
    with servers(migrated_database_url, count) as running, clients(running, 8) as senders:
        answers = send_all(senders, requests)
        (last,) = send_all(senders[:1], [Request(GENERATE, BODY)])

    assert by_status([*answers, last]) == {200: RECORDS + 13}
    told = Told.by(migrated_database_url)
    assert told.overage == sum(expected_days(range(RECORDS)).values()) - 100
    with reading(migrated_database_url) as books:
        items = books.document_items.list(charge_name="Drawdown")
        assert sum(item.quantity or 0 for item in items) == told.overage
        assert sum(item.amount_minor for item in items) == 2 * told.overage
        billed = Counter(row.usage_id for row in books.processed_usage.list())
        assert set(billed.values()) == {1}
        assert {row.status for row in books.guided_usage.list()} == {"Processed"}
