"""Overage where the drawdown rate divides unevenly: counted in points, billed in hours (U 2.7)."""

import pytest

from tests import builders
from tests.api import Api
from tests.builders import writing
from tests.http.test_usage import events
from tests.http.till import USAGE, Till, drawn, prepaid

DAYS = ("2022-01-05", "2022-01-06", "2022-01-07", "2022-01-08")


def shop(api: Api, mode: str) -> Till:
    """Sell 4 points a year for 4.00; an hour costs 3 of them, and 1.00 beyond."""
    with writing(api) as books:
        builders.unit(books, "Hour", decimal_places=0, rounding_mode=mode)
    points = prepaid(4, 4, uom="Point")
    return Till(api, points, drawn(1, uom="Hour", rate=3, drawn="Point"))


def unbilled(api: Api) -> list[tuple[str, int | None]]:
    return [(quantity, minor) for kind, _, quantity, minor in events(api) if kind[0] == "U"]


def left(api: Api) -> object:
    with writing(api) as books:
        (balance,) = books.balances.list()
    return balance.balance


@pytest.mark.parametrize(
    ("mode", "first", "after", "billed"),
    [
        ("Up", [("1", 100), ("1", 100), ("1", 100)], [("0", 0), ("1", 100), ("1", 100)], 2),
        ("Down", [("0", 0), ("1", 100), ("1", 100)], [("0", 0), ("1", 100), ("1", 100)], 1),
    ],
)
def test_hours_beyond_are_rounded_after_their_points_are_added_up(
    api: Api, mode: str, first: list[object], after: list[object], billed: int
) -> None:
    till = shop(api, mode)
    till.bill("2022-01-01")
    # The first hour finds its 3 points, the second 1 of them: 2, 5 and then 8 are lacking.
    used = [till.use(1, day, UOM="Hour") for day in DAYS]

    assert unbilled(api) == first
    (_, second, *_) = api.found("/object-query/guided-usages?sort[]=id.ASC")["data"]
    assert second["drawdownRemainingQuantity"] == 0.666666666
    till.audit()

    assert api.delete(f"{USAGE}/{used[1]}").status_code == 200
    assert unbilled(api) == after
    assert left(api) == 1
    till.audit()
    # Billing draws that point again: 5 are lacking, an hour and two thirds.
    invoiced, _ = till.bill("2022-12-31")
    assert [item[1:3] for item in invoiced] == [(billed, billed)]
    processed = api.found("/object-query/processed-usages")["data"]
    assert sum(row["quantity"] for row in processed) == billed
    assert till.bill("2022-12-31") == ([], [])
    till.audit()


def test_corrections_of_uneven_usage_leave_nothing_behind(api: Api) -> None:
    till = shop(api, "Down")
    used = [till.use(1, DAYS[0], UOM="Hour") for _ in range(3)]
    minus = till.use(-2, DAYS[0], UOM="Hour")

    assert unbilled(api) == [("0", 0)]
    assert left(api) == 1
    till.audit()
    assert api.put(f"{USAGE}/{used[0]}", {"Quantity": 2}).status_code == 200
    assert unbilled(api) == [("0", 0)]
    assert left(api) == 0
    till.audit()
    for one in (minus, *used):
        assert api.delete(f"{USAGE}/{one}").status_code == 200
        till.audit()
    assert unbilled(api) == [("0", 0)]
    assert left(api) == 4
