"""`earned audit` finds what was damaged by hand in the database, and nothing in sound books."""

import re
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

import earned
from earned.cli.exits import Exit
from earned.domain.notifying import Mode, State, Threshold
from earned.domain.usage_import import Begun
from earned.engine.usage_files.reading import open_cells
from earned.services.collect_revenue import collect_revenue
from earned.services.import_usage import ImportUsage, begin_import, import_usage
from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import Keeper
from tests.cli.conftest import Earned, answered, done
from tests.damages import damages_of, missed
from tests.http.uploads import accepted, csv_of, use
from tests.periods import define_months

# 7 units for 100 USD each month, overage at 2 USD. January is used up: 2, then 3, then 2 and two of
# overage, one of which is taken back. February has one unit drawn, after a correction from two.
USED = (
    {"Quantity": Decimal(2), "StartDateTime": "2026-01-03"},
    {"Quantity": Decimal(3), "StartDateTime": "2026-01-09"},
    {"Quantity": Decimal(4), "StartDateTime": "2026-01-20"},
    {"Quantity": Decimal(-1), "StartDateTime": "2026-01-20"},
    {"Quantity": Decimal(2), "StartDateTime": "2026-02-01", "UniqueKey": "corrected"},
    {"Quantity": Decimal(1), "StartDateTime": "2026-02-01", "UniqueKey": "corrected"},
)
# Where a check names itself in the source.
NAMED = re.compile(r'(?:told|differ|Break)\(\s*"([^"]+)"|check = "([^"]+)"')
AUDITING = (
    *("domain/audit.py", "domain/audit_days.py", "domain/audit_schedules.py"),
    *("domain/audit_collected.py", "domain/audit_subscriptions.py"),
    *("domain/audit_notifications.py", "domain/audit_imports.py"),
    "services/audit_books.py",
)

# No statement can plant it: tests/domain/test_audit.py does.
FORBIDDEN_BY_SCHEMA = "prepaid balance is not overdrawn"

SCRIPT = "damages.sql"


@pytest.fixture(autouse=True)
def _books(keeper: Keeper) -> None:
    """Sell a plan, use it, and collect the revenue of January and February."""
    with builders.writing(keeper) as books:
        define_months(books, 2026, 1, 2)
        plan = builders.prepaid_plan(books, units=7, price=100, overage=2)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=2)
        url, secret = "https://example.com/", "a-secret-between-us"
        facts: dict[str, Any] = {"id": books.new_id(), "entity_id": books.scope.entity_id}
        facts |= {"name": "Low", "mode": Mode.UNITS, "value": Decimal(3), "uom": None}
        books.thresholds.add(Threshold(**facts, url=url, secret=secret, **books.stamp()))
    for fields in USED:
        with builders.writing(keeper) as books:
            sent = {"AccountNumber": "A-1", "UOM": "Token", **fields}
            (outcome,) = record_usage(books, [RecordUsage(fields=sent)])
            assert not isinstance(outcome, Exception)
            for one in books.notifications.list(state=State.PENDING):
                books.notifications.change(one, state=State.FAILED, next_attempt_at=None)
    with builders.writing(keeper) as books:
        (low,) = books.thresholds.list()
        books.thresholds.change(low, active=False)
        collect_revenue(books)
        # A file whose one row is refused.
        begun = begin_import(
            books, Begun(id=accepted(books, csv_of(use(1, account="A-9"))).id, attempts=0)
        )
        assert begun is not None
        import_usage(books, ImportUsage(begun=begun, open_file=open_cells))


def damage(keeper: Keeper, statement: str) -> None:
    with keeper.application.database.engine.begin() as connection:
        connection.execute(text(statement))


def test_sound_books_are_clean(earned_here: Earned) -> None:
    answer = answered(earned_here("audit", "--json"))

    assert answer["clean"] is True
    assert answer["breaks"] == []
    assert answer["counted"] == {
        "accounts": 1,
        "usage records": 5,
        "rating results": 1,
        "prepaid balances": 1,
        "funds": 2,
        # Two prepayments; 2, 3 and 2 drawn in January; 2 drawn, given back and 1 drawn in February.
        "balance transactions": 8,
        # Three days of January, one of them with overage beside it, and one of February.
        "daily rows": 5,
        # Two of funds, and one of overage.
        "revenue schedules": 3,
        "imports": 1,
        # What the unique key changed, and the import.
        "audit entries": 2,
    }


def test_clean_books_are_told_in_a_sentence(earned_here: Earned) -> None:
    told = "3 revenue schedules, 1 imports, 2 audit entries: nothing broken.\n"
    assert done(earned_here("audit")).endswith(told)


def test_every_damage_is_found_by_its_check(keeper: Keeper) -> None:
    assert missed(keeper, SCRIPT) == []


def test_every_check_has_damage_planted() -> None:
    package = Path(earned.__file__).parent
    sources = [(package / name).read_text(encoding="utf-8") for name in AUDITING]
    named = {one or other for source in sources for one, other in NAMED.findall(source)}

    assert named == {*dict(damages_of(SCRIPT)), FORBIDDEN_BY_SCHEMA}


def test_broken_books_end_with_an_exit_code_of_their_own(
    earned_here: Earned, keeper: Keeper
) -> None:
    damage(keeper, "UPDATE prepaid_balance SET total_fund = '15'")

    assert answered(earned_here("audit", "--json"), Exit.BROKEN)["clean"] is False


def test_a_break_names_the_row_and_both_numbers(earned_here: Earned, keeper: Keeper) -> None:
    damage(keeper, "UPDATE prepaid_balance SET total_fund = '15'")

    (found,) = answered(earned_here("audit", "--json"), Exit.BROKEN)["breaks"]

    with builders.writing(keeper) as books:
        (balance,) = books.balances.list()
    assert found == {
        "entityId": balance.entity_id,
        "check": "prepaid balance totals its funds",
        "objectType": "PrepaidBalance",
        "objectId": balance.id,
        "expected": "14",
        "found": "15",
    }


def test_breaks_are_told_to_people(earned_here: Earned, keeper: Keeper) -> None:
    damage(
        keeper,
        "UPDATE daily_consumption SET amount_minor = 2856 WHERE transaction_date = '2026-01-03'",
    )

    told = earned_here("audit")

    assert told.exit_code == Exit.BROKEN
    assert "daily consumption follows the ledger" in told.stdout
    assert "should be 2026-01-03 C-00000002 segment 1: 2 units, 2857 minor" in told.stdout
    assert "is        2026-01-03 C-00000002 segment 1: 2 units, 2856 minor" in told.stdout
    assert told.stdout.endswith("3 broken.\n")


def test_books_stay_clean_whatever_usage_comes(earned_here: Earned, keeper: Keeper) -> None:
    chance = Random(606)  # noqa: S311 - The same numbers every time.
    for _ in range(20):
        group = [
            RecordUsage(
                fields={
                    "AccountNumber": "A-1",
                    "UOM": "Token",
                    "Quantity": Decimal(chance.randint(-150, 300)).scaleb(-chance.randint(0, 4)),
                    "StartDateTime": f"2026-0{chance.randint(1, 3)}-{chance.randint(1, 28):02d}",
                }
            )
            for _ in range(chance.randint(1, 9))
        ]
        with builders.writing(keeper) as books:
            record_usage(books, group)
            collect_revenue(books)

    assert answered(earned_here("audit", "--json"))["breaks"] == []
