"""`earned audit` finds an entry of the audit log that was changed, removed or inserted by hand."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

import earned
from earned.cli.exits import Exit
from earned.domain.chain import GENESIS
from earned.domain.errors import NotFound
from earned.domain.tenancy import Entity, Scope
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_trace
from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import Api
from tests.cli.conftest import Earned, answered
from tests.damages import damages_of, missed

# Where a check names itself in the source.
SCRIPT = "trace_damages.sql"
NAMED = re.compile(r'^_[A-Z_]+ = "([^"]+)"', re.MULTILINE)


@pytest.fixture(autouse=True)
def _log(api: Api) -> None:
    """Write four entries, in three transactions."""
    with builders.writing(api) as books:
        plan = builders.prepaid_plan(books, units=7, price=100, overage=2)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=2)
    made = api.made(
        "/v1/object/usage",
        {
            "AccountNumber": "A-1",
            "UOM": "Token",
            "Quantity": 2.50,
            "StartDateTime": "2026-01-03T00:00:00+00:00",
        },
    )
    api.delete(f"/v1/object/usage/{made['Id']}")
    api.put("/settings/accounting-rules", {"allowUsageInClosedPeriod": False})
    with builders.writing(api) as books:
        leave_trace(books, "told", "Test", "1", {"day": books.today(), "at": books.now})
        leave_trace(books, "told", "Test", "2", {"many": [Decimal("1.50"), Decimal("2E+2"), None]})


def test_an_untouched_log_is_clean(earned_here: Earned, api: Api) -> None:
    answer = answered(earned_here("audit", "--json"))

    assert answer["breaks"] == []
    assert answer["counted"]["audit entries"] == 4
    with builders.writing(api) as books:
        entries = books.audit.list(order_by=["sequence"])
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4]
    hashes = [GENESIS, *(entry.hash for entry in entries)]
    assert [entry.previous_hash for entry in entries] == hashes[:-1]
    assert len(set(hashes)) == 5


def test_every_damage_is_found(api: Api) -> None:
    assert missed(api, SCRIPT) == []


def test_every_check_has_a_damage() -> None:
    source = Path(earned.__file__).parent / "domain" / "traces.py"

    assert set(NAMED.findall(source.read_text())) == {check for check, _ in damages_of(SCRIPT)}


def test_what_is_broken_is_told_with_its_place(earned_here: Earned, api: Api) -> None:
    with api.application.database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE sequence = 2"))

    (found,) = answered(earned_here("audit", "--json"), Exit.BROKEN)["breaks"]

    assert (found["check"], found["objectType"], found["objectId"]) == (
        "audit entry is what was written",
        "AuditEntry",
        "2",
    )


def test_what_is_refused_leaves_no_trace(api: Api) -> None:
    refused = api.delete("/v1/object/usage/" + 32 * "0")

    assert refused.status_code == 404
    with builders.writing(api) as books:
        with suppress(NotFound), books.attempt():
            leave_trace(books, "told", "Test", "3", {})
            row_by_id(books.usage, 32 * "0")
        leave_trace(books, "told", "Test", "4", {})
    with builders.writing(api) as books:
        told = books.audit.list(object_type="Test", order_by=["sequence"])
    assert [(entry.sequence, entry.object_id) for entry in told] == [(3, "1"), (4, "2"), (5, "4")]


def test_usage_leaves_no_trace_when_it_is_recorded(api: Api) -> None:
    sent = {"AccountNumber": "A-1", "UOM": "Token", "Quantity": Decimal(2)}
    with builders.writing(api) as books:
        record_usage(books, [RecordUsage(fields={**sent, "StartDateTime": "2026-01-04"})])

    with builders.writing(api) as books:
        assert books.audit.count() == 4


def test_many_who_write_at_once_share_one_chain(earned_here: Earned, api: Api) -> None:
    def write(writer: int) -> None:
        for place in range(5):
            with api.application.database.writing(structural=False) as transaction:
                books = transaction.books(scope)
                leave_trace(books, "told", "Writer", f"{writer}", {"place": place})
                leave_trace(books, "told", "Writer", f"{writer}", {"place": place, "again": True})

    entity = api.application.clients.list(Entity)[0]
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    with ThreadPoolExecutor() as pool:
        list(pool.map(write, range(4)))

    answer = answered(earned_here("audit", "--json"))
    assert answer["breaks"] == []
    assert answer["counted"]["audit entries"] == 44
