"""A correction recomputes the funds and days it is about and nothing else (U 2.15, 2.16)."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Api

USAGE = "/v1/object/usage"
ADJUSTED, DRAWN = "DRAWDOWN_ADJUSTMENT", "DRAWDOWN"
TABLES = (
    "balance_transaction",
    "daily_consumption",
    "fund",
    "guided_usage",
    "prepaid_balance",
    "rating_result",
    "revenue_event",
    "revenue_schedule",
    "usage_record",
    "validity_period_summary",
)

Rows = Mapping[str, Mapping[str, Mapping[str, Any]]]


def rows(api: Api) -> Rows:
    """Return whole rows, stamps and all, of each table by id."""
    with api.application.database.engine.connect() as connection:
        return {
            table: {
                row["id"]: dict(row)
                for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()  # noqa: S608 - Names of ours.
            }
            for table in TABLES
        }


def use(api: Api, account: str, day: str, quantity: int, key: str) -> str:
    fields = {
        "AccountNumber": account,
        "UOM": "Token",
        "StartDateTime": f"{day}T10:00:00Z",
        "Quantity": quantity,
        "UniqueKey": key,
    }
    answer = api.made(USAGE, fields, X_Zuora_WSDL_Version="114")
    return str(answer["Id"])


@pytest.fixture
def corrected(api: Api) -> str:
    """Use two funds on several days, and another customer's; return the record to correct."""
    with builders.writing(api) as books:
        plan = builders.prepaid_plan(books, units=100, price=10)
        for number in ("A-1", "A-2"):
            builders.sell(books, builders.account(books, number=number), plan, months=2)
    for day in ("2026-01-05", "2026-01-25", "2026-02-03"):
        use(api, "A-1", day, 10, day)
    use(api, "A-2", "2026-01-20", 10, "other")
    made = use(api, "A-1", "2026-01-20", 10, "corrected")
    api.clock.now += timedelta(hours=1)
    return made


def again(api: Api, made: str) -> None:
    assert use(api, "A-1", "2026-01-20", 4, "corrected") == made


def change(api: Api, made: str) -> None:
    assert api.put(f"{USAGE}/{made}", {"Quantity": 4}).json()["Success"] is True


def delete(api: Api, made: str) -> None:
    assert api.delete(f"{USAGE}/{made}").json()["success"] is True


def take_back(api: Api, made: str) -> None:
    del made
    use(api, "A-1", "2026-01-20", -4, "back")


def use_late(api: Api, made: str) -> None:
    del made
    use(api, "A-1", "2026-01-20", 4, "late")


@pytest.mark.parametrize(
    ("correct", "ledger", "quantity", "cents"),
    [
        (again, [(ADJUSTED, 10), (DRAWN, -4)], 4, 40),
        (change, [(ADJUSTED, 10), (DRAWN, -4)], 4, 40),
        (delete, [(ADJUSTED, 10)], 0, 0),
        (take_back, [(ADJUSTED, 4)], 6, 60),
        (use_late, [(DRAWN, -4)], 14, 140),
    ],
)
def test_only_the_fund_and_the_days_from_there_on_are_written(
    api: Api,
    corrected: str,
    correct: Callable[[Api, str], None],
    ledger: list[tuple[str, int]],
    quantity: int,
    cents: int,
) -> None:
    before = rows(api)
    correct(api, corrected)
    after = rows(api)

    changed = {
        table: [row for key, row in found.items() if before[table].get(key) != row]
        for table, found in after.items()
    }
    assert [before[table].keys() - after[table].keys() for table in TABLES] == [set()] * len(TABLES)
    moved = [
        (row["transaction_type"], int(row["amount"])) for row in changed["balance_transaction"]
    ]
    assert sorted(moved) == sorted(ledger)
    (fund,) = changed["fund"]
    assert {row["fund_id"] for row in changed["balance_transaction"]} == {fund["id"]}
    assert as_day(fund["start_date"]) == date(2026, 1, 1)
    assert [row["id"] for row in changed["validity_period_summary"]] == [
        fund["validity_period_summary_id"]
    ]
    assert [row["id"] for row in changed["prepaid_balance"]] == [fund["prepaid_balance_id"]]
    # The amount of a later day rests on those before it; that of an earlier one does not.
    for table in ("daily_consumption", "revenue_event"):
        days = {as_day(row["transaction_date"]): row for row in changed[table]}
        assert {row["fund_id"] for row in changed[table]} == {fund["id"]}
        assert sorted(days) == [date(2026, 1, 20), date(2026, 1, 25)]
        day = days[date(2026, 1, 20)]
        assert (int(day["quantity"]), day["amount_minor"]) == (quantity, cents)
        assert days[date(2026, 1, 25)]["amount_minor"] == 100
    assert not changed["rating_result"]
    assert not changed["revenue_schedule"]
    (record,) = changed["usage_record"]
    assert {row["usage_id"] for row in changed["guided_usage"]} == {record["id"]}


def as_day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def test_an_identical_record_writes_nothing(api: Api, corrected: str) -> None:
    before = rows(api)

    assert use(api, "A-1", "2026-01-20", 10, "corrected") == corrected

    assert rows(api) == before


def test_a_fund_gets_no_more_back_than_it_gave_when_a_reversal_is_deleted_first(api: Api) -> None:
    """What the deleted reversal owed as overage is drawn again with what comes back."""
    with builders.writing(api) as books:
        plan = builders.prepaid_plan(books, units=4, price=4, overage=1)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
    day = "2026-01-05"
    first, *others = (use(api, "A-1", day, 3, key) for key in ("1", "2", "3"))
    back = use(api, "A-1", day, -6, "back")
    api.put(f"{USAGE}/{first}", {"Quantity": 6})

    told = [told_after_deleting(api, one) for one in (back, first, *others)]

    # What is left in the fund, and overage: 12 were needed, 6, 3 and then nothing.
    assert told == [(0, 8), (4, 6), (4, 3), (4, 0)]


def told_after_deleting(api: Api, record: str) -> tuple[int, int]:
    """Return what is in the fund and what is overage, in sound books."""
    assert api.delete(f"{USAGE}/{record}").status_code == 200
    with builders.writing(api) as books:
        assert list(audit_books(books, Counter())) == []
        (fund,), (rating,) = books.funds.list(), books.rating_results.list()
        assert all(row.quantity >= 0 for row in books.consumption.list(fund_id=fund.id))
        return int(fund.balance), int(rating.quantity)
