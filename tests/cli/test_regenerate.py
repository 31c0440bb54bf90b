"""`earned regenerate`: the daily rows of all funds, from the ledger."""

import pytest
from sqlalchemy import text

from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import Api
from tests.cli.conftest import Earned, answered, done


@pytest.fixture(autouse=True)
def _usage(api: Api) -> None:
    """Sell two months of 7 units to two accounts, and use some on two days."""
    with builders.writing(api) as books:
        plan = builders.prepaid_plan(books, units=7, price=100, overage=2)
        for number in ("A-1", "A-2"):
            builders.sell(books, builders.account(books, number=number), plan, months=2)
            for day in ("2026-01-10", "2026-02-10"):
                fields = {"AccountNumber": number, "UOM": "Token", "StartDateTime": day}
                record_usage(books, [RecordUsage(fields={**fields, "Quantity": 3})])


def traces(api: Api) -> list[str]:
    with builders.writing(api) as books:
        return [entry.action for entry in books.audit.list() if entry.action == "regenerated"]


def test_what_is_right_is_left_alone(earned_here: Earned, api: Api) -> None:
    assert done(earned_here("regenerate")) == (
        "4 funds of 2 charges: daily rows 0 inserted, 0 changed, 0 removed.\n"
    )
    assert traces(api) == []


def test_what_was_lost_and_damaged_is_mended_and_told(earned_here: Earned, api: Api) -> None:
    with api.application.database.engine.begin() as connection:
        connection.execute(text("UPDATE daily_consumption SET amount_minor = 1"))
        connection.execute(
            text("DELETE FROM daily_consumption WHERE transaction_date > '2026-02-01'")
        )

    answer = answered(earned_here("regenerate", "--json"))

    assert (answer["inserted"], answer["changed"], answer["removed"]) == (2, 2, 0)
    assert traces(api) == ["regenerated", "regenerated"]
    done(earned_here("audit"))
