"""Usage and revenue are reconciled over the wire: every difference has its reason."""

from typing import Any

import pytest

from tests import builders
from tests.api import Api
from tests.builders import Sold, writing
from tests.periods import define_months
from tests.reports import USAGE, ask, close, file, moment, reopen, use

JAN, FEB = "Jan'2026", "Feb'2026"
UNITS = (
    *("of", "chargeNumber", "unitsRecorded", "unitsRounded", "unitsDrawn", "unitsOverage"),
    *("unitsEnded", "unitsUnexplained"),
)
CHAIN = (
    *("of", "dailyAmount", "eventAmount", "periodNotDefined", "beyondPrice", "notCollectedYet"),
    *("collected", "distributedByHand", "inPeriods", "inOpenPeriods", "recognized", "unexplained"),
)
NONE = "0.00"


@pytest.fixture(autouse=True)
def _months(api: Api) -> None:
    with writing(api) as books:
        define_months(books, 2026, 1)


def sell(api: Api, months: int = 2, **terms: Any) -> Sold:
    """Sell 10 tokens a month for 100.00, 12.00 for each beyond."""
    with writing(api) as books:
        plan = builders.prepaid_plan(books, units=10, price=100, overage=12, **terms)
        return builders.sell(books, builders.account(books), plan, months=months)


def table(api: Api, fields: tuple[str, ...], **query: str) -> list[tuple[str | None, ...]]:
    return [tuple(row[name] for name in fields) for row in ask(api, USAGE, **query)["rows"]]


def test_units_are_drawn_or_overage(api: Api) -> None:
    sell(api)
    use(api, 4, "2026-01-10")
    use(api, "8.123", "2026-01-20")  # Rounded up to 8.13.

    assert table(api, UNITS) == [
        ("usage", "C-00000002", "12.123", "-0.007", "10", "2.13", None, "0"),
        ("fund", "C-00000001", None, None, "10", None, "0", None),
        ("overage", "C-00000002", None, None, None, "2.13", None, None),
    ]


def test_what_is_not_collected_yet_says_so(api: Api) -> None:
    sell(api)
    use(api, 4, "2026-01-10")
    use(api, 1, "2026-02-10")  # No period is defined for it.

    assert table(api, CHAIN) == [
        ("usage", *[None] * 11),
        ("fund", "40.00", "40.00", NONE, NONE, "40.00", *[NONE] * 6),
        ("fund", "10.00", "10.00", "10.00", NONE, NONE, *[NONE] * 6),
    ]


def test_what_is_collected_is_recognized_when_its_period_closes(api: Api) -> None:
    sell(api)
    use(api, 12, "2026-01-10")
    close(api, JAN)

    recognized = [
        ("usage", *[None] * 11),
        *(
            (kind, amount, amount, *[NONE] * 3, amount, NONE, amount, NONE, amount, NONE)
            for kind, amount in (("fund", "100.00"), ("overage", "24.00"))
        ),
    ]
    assert table(api, CHAIN) == recognized
    (total,) = ask(api, USAGE)["totals"]
    assert (total["dailyAmount"], total["recognized"]) == ("124.00", "124.00")

    reopen(api, JAN)
    assert [row[9:11] for row in table(api, CHAIN)[1:]] == [
        ("100.00", NONE),
        ("24.00", NONE),
    ]


def test_late_usage_waits_for_a_period_where_all_are_closed(api: Api) -> None:
    sell(api)
    use(api, 4, "2026-01-10")
    close(api, JAN)
    use(api, 2, "2026-01-20")

    assert table(api, CHAIN)[1] == (
        *("fund", "60.00", "60.00", "20.00", NONE, NONE),
        *("40.00", NONE, "40.00", NONE, "40.00", NONE),
    )


def test_what_is_taken_back_is_not_collected_yet_either(api: Api) -> None:
    sell(api)
    use(api, 12, "2026-01-10")
    close(api, JAN)
    with writing(api) as books:
        define_months(books, 2026, 2)
    use(api, -3, "2026-01-10")

    fund, overage = table(api, CHAIN)[1:]
    assert fund[1:7] == ("90.00", "90.00", NONE, NONE, "-10.00", "100.00")
    assert overage[1:7] == (NONE, NONE, NONE, NONE, "-24.00", "24.00")


def test_the_reconciliation_can_be_made_as_of_a_moment(api: Api) -> None:
    sell(api)
    record = use(api, 7, "2026-01-10", UniqueKey="k")
    use(api, 5, "2026-01-11")
    before, said = moment(api), file(api, USAGE)
    close(api, JAN)
    after, then_said = moment(api), file(api, USAGE)
    with writing(api) as books:
        define_months(books, 2026, 2)
    use(api, -1, "2026-01-11")
    use(api, 3, "2026-02-11")
    assert api.delete(f"/v1/object/usage/{record}").status_code == 200
    close(api, FEB)

    assert file(api, USAGE, asOf=before) == said
    assert file(api, USAGE, asOf=after) == then_said
    assert file(api, USAGE, asOf=moment(api)) == file(api, USAGE)
    assert file(api, USAGE) not in {said, then_said}


def test_overage_of_an_uneven_rate_is_rounded_to_its_unit(api: Api) -> None:
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan, uom="Token", units=10, price=100)
        calls: dict[str, Any] = {"uom": "Call", "rate": 3, "drawn": "Token"}
        builders.drawdown_charge(books, plan, price=1, **calls)
        builders.sell(books, builders.account(books), plan, months=1)
    use(api, 5, "2026-01-10", UOM="Call")

    assert table(api, UNITS)[0] == (
        *("usage", "C-00000002", "5", "-0.003333333", "3.333333333", "1.67", None, "0"),
    )


def test_usage_that_no_charge_covers_says_so(api: Api) -> None:
    sell(api, months=1)
    use(api, 4, "2026-01-10")
    late = use(api, 5, "2026-02-10")  # The subscription has ended.

    fields = ("of", "chargeNumber", "unitOfMeasure", "unitsRecorded", "unitsWithoutCharge")
    before = moment(api)
    assert table(api, fields)[:2] == [
        ("usage", None, "Token", "5", "5"),
        ("usage", "C-00000002", "Token", "4", None),
    ]
    assert api.delete(f"/v1/object/usage/{late}").status_code == 200
    assert [row[1] for row in table(api, fields)] == ["C-00000002", "C-00000001"]
    assert table(api, fields, asOf=before)[0] == ("usage", None, "Token", "5", "5")


def test_only_what_belongs_to_one_customer_is_told(api: Api) -> None:
    sell(api)
    sell(api)
    use(api, 1, "2026-01-10")
    use(api, 2, "2026-01-10", AccountNumber="A00000002")

    rows = ask(api, USAGE, accountKey="A00000002")["rows"]
    assert {row["accountNumber"] for row in rows} == {"A00000002"}
    assert [row["unitsDrawn"] for row in rows] == ["2", "2"]


def test_a_daily_row_changed_by_hand_is_unexplained(api: Api) -> None:
    sell(api)
    use(api, 4, "2026-01-10")
    with writing(api) as books:
        (row,) = books.consumption.list()
        books.consumption.update_all([{"id": row.id, "amount_minor": 4100}])

    assert [row[-1] for row in table(api, CHAIN)] == [None, "1.00"]
