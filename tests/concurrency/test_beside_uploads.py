"""What another server does in the middle of an upload: one of the two waits, neither is undone.

On PostgreSQL: an embedded database has one writer at a time.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from earned.bootstrap.application import Application, open_application
from earned.bootstrap.settings import ServerSettings
from earned.domain.tenancy import Entity, Scope
from earned.domain.usage import UsageRecord
from earned.domain.usage_import import Begun, ImportStatus
from earned.engine.bulk.uploading import prepared_upload
from earned.engine.usage_files.reading import open_cells
from earned.services.audit_books import audit_books
from earned.services.change_usage import ChangeUsage, change_usage
from earned.services.import_usage import BEGIN_IMPORT, IMPORT_USAGE, ImportUsage
from earned.services.record_usage import RECORD_USAGE, RecordUsage
from earned.services.work import Job, Reply, UseCase, single
from earned.storage.groups import Groups, LockedOut, unobserved
from tests import builders
from tests.api import Keeper, keeping
from tests.http.uploads import HEADER, accepted, csv_of

CHANGE = single(change_usage, structural=False)
SHORTLY = 0.1
ROWS = (
    "A-1,Token,1,01/03/2026,,,,,first",
    "A-1,Token,2,02/03/2026,,,,,",
    "A-1,Token,4,02/04/2026,,,,,last",
)


@pytest.fixture
def keeper(founded_postgresql_url: str) -> Iterator[Keeper]:
    """Lend books in which A-1 pays for tokens and calls as they are used."""
    free: dict[str, Any] = {"is_prepaid": False, "prepaid_operation_type": None}
    free |= {"drawdown_uom": None, "drawdown_rate": None}
    with keeping(founded_postgresql_url) as keeper:
        with builders.writing(keeper) as books:
            plan = builders.rate_plan(books)
            for uom in ("Token", "Call"):
                builders.drawdown_charge(books, plan, uom=uom, name=uom, price=2, **free)
            builders.sell(books, builders.account(books, number="A-1"), plan, months=3)
        yield keeper


@dataclass
class Other:
    """Another server, which does not wait long."""

    application: Application

    def carry_out(self, use_case: UseCase[Any, Any], command: object) -> object:
        """Carry a command out; return what came of it, or why nothing did."""
        return carry_out(self.application, use_case, command)

    def use(self, uom: str, day: str, key: str | None = None) -> object:
        """Record one unit that A-1 has used."""
        fields = {"AccountNumber": "A-1", "UOM": uom, "Quantity": 1, "StartDateTime": day}
        if key:
            fields["UniqueKey"] = key
        return self.carry_out(RECORD_USAGE, RecordUsage(fields=fields))


@pytest.fixture
def other(founded_postgresql_url: str) -> Iterator[Other]:
    settings = ServerSettings(founded_postgresql_url, wait_seconds=SHORTLY)  # type: ignore[arg-type]
    with closing(open_application(settings)) as application:
        yield Other(application)


def scope_of(application: Application) -> Scope:
    entity = application.clients.list(Entity)[0]
    return Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")


def carry_out(
    application: Application, use_case: UseCase[Any, Any], command: object, **how: Any
) -> object:
    outcomes: list[object] = []

    def render(outcome: object) -> Reply:
        outcomes.append(outcome)
        return Reply(200, (), b"")

    scope = scope_of(application)
    job = Job(scope, use_case, command, render, lambda _: None, outcomes.append, **how)
    Groups(application.database, unobserved).carry_out([job])
    return outcomes[-1]


def upload(keeper: Keeper, meanwhile: Callable[[], Sequence[object]]) -> list[Sequence[object]]:
    """Upload the rows, and do something else before the second is recorded.

    Returns what came of that, each time that the upload was begun.
    """
    application, outcomes, steps = keeper.application, list[Sequence[object]](), count()

    def go_on() -> None:
        # Each row is a step when it is checked, and one more whenever it is recorded.
        step, rows = next(steps), len(ROWS)
        if step > rows and step % rows == 1:
            outcomes.append(meanwhile())

    database, scope = application.database, scope_of(application)
    with database.writing(structural=False) as transaction:
        books = transaction.books(scope)
        found = accepted(books, csv_of(*ROWS, header=f"{HEADER},UNIQUE_KEY"))
        (begun,) = BEGIN_IMPORT.run(books, [Begun(id=found.id, attempts=0)])
    assert isinstance(begun, Begun)
    ready = ExitStack()
    with database.reading(scope, remembering=True) as books:
        record = ready.enter_context(prepared_upload(books, found, go_on, size=1))
    with ready:
        command = ImportUsage(begun=begun, open_file=open_cells, record_file=record)
        status = carry_out(application, IMPORT_USAGE, command, is_patient=True)
    assert status is ImportStatus.COMPLETED, status
    return outcomes


def told(keeper: Keeper) -> tuple[dict[str | None, int], dict[str, int]]:
    """Return the quantities of records by key, and of ratings by charge; nothing is broken."""
    with keeper.application.database.reading(scope_of(keeper.application)) as books:
        assert not list(audit_books(books, Counter()))
        records: Counter[str | None] = Counter()
        for record in books.usage.list():
            records[record.unique_key] += int(record.quantity)
        names = {charge.original_id: charge.name for charge in books.charges.list()}
        rated: Counter[str] = Counter()
        for rating in books.rating_results.list():
            rated[names[rating.charge_id]] += int(rating.quantity)
    return dict(records), dict(rated)


def test_what_an_upload_rates_first_and_changes_last_waits_for_its_end(
    keeper: Keeper, other: Other
) -> None:
    known = other.use("Call", "2026-01-09", "last")
    assert isinstance(known, UsageRecord)
    note = ChangeUsage(id=known.id, fields={}, custom_fields={"Note__c": "mine"})

    def meanwhile() -> Sequence[object]:
        return other.use("Token", "2026-02-20"), other.carry_out(CHANGE, note)

    outcomes = upload(keeper, meanwhile)

    assert [tuple(map(type, one)) for one in outcomes] == [(LockedOut, LockedOut)]
    assert told(keeper) == ({"first": 1, None: 2, "last": 4}, {"Token": 7, "Call": 0})
    assert isinstance(other.use("Token", "2026-02-20"), UsageRecord)
    assert told(keeper) == ({"first": 1, None: 3, "last": 4}, {"Token": 8, "Call": 0})


def test_an_upload_that_others_came_before_begins_once_more_with_the_books_to_itself(
    keeper: Keeper, other: Other
) -> None:
    """Nobody can hold a key that no record has yet."""
    keys = iter(["first", "another"])

    outcomes = upload(keeper, lambda: (other.use("Call", "2026-01-09", next(keys)),))

    assert [tuple(map(type, one)) for one in outcomes] == [(UsageRecord,), (LockedOut,)]
    assert told(keeper) == ({"first": 1, None: 2, "last": 4}, {"Token": 7, "Call": 0})
