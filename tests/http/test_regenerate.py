"""Regenerating daily consumption: the rows follow from the ledger, byte for byte."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from tests.api import Api, serving
from tests.builders import Sold, account, prepaid_plan, prices, sell, writing
from tests.periods import define_months

USAGE = "/v1/object/usage"
URL = "/v1/uno-regenerate/rev-rec-events/daily-consumption"
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def sold(api: Api) -> Sold:
    """Two months of 7 units for 100.00 USD each, with usage on several days, late and negative."""
    with writing(api) as books:
        sold = sell(books, account(books), prepaid_plan(books, units=7, price=100), months=2)
    for day, quantity in (
        ("2026-01-03", 2),
        ("2026-01-09", 3),
        ("2026-01-05", 1),
        ("2026-01-09", -1),
        ("2026-02-02", 5),
    ):
        use(api, day, quantity)
    return sold


def use(api: Api, day: str, quantity: int) -> None:
    record = {"AccountNumber": "A00000001", "UOM": "Token"}
    api.made(USAGE, record | {"Quantity": quantity, "StartDateTime": day})


def rows(api: Api) -> Rows:
    """Return every daily row and event, as the database holds them."""
    with api.application.database.engine.connect() as connection:
        return {
            table: [
                dict(row)
                for row in connection.execute(
                    text(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - Two known names.
                ).mappings()
            ]
            for table in ("daily_consumption", "revenue_event")
        }


def damage(api: Api, *statements: str) -> None:
    with api.application.database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def regenerate(api: Api, sold: Sold, query: str = "", **scope: Any) -> None:
    body = {"originalChargeId": sold.charge("Prepayment").original_id, **scope}
    response = api.post(URL + query, body)
    assert response.status_code == 200, response.text
    assert response.json() == {"success": True}


def test_u_23_daily_amounts_are_cumulative(api: Api, sold: Sold) -> None:
    amounts = [row["amount_minor"] for row in rows(api)["daily_consumption"]]

    assert sorted(amounts) == sorted([2857, 1429, 2857, 7143])


def test_u_46_regenerating_what_is_right_changes_nothing(api: Api, sold: Sold) -> None:
    before = rows(api)

    regenerate(api, sold)
    regenerate(api, sold)

    assert rows(api) == before


def test_damaged_rows_come_back_byte_for_byte(api: Api, sold: Sold) -> None:
    before = rows(api)
    damage(
        api,
        "UPDATE daily_consumption SET amount_minor = amount_minor + 1",
        "UPDATE revenue_event SET amount_minor = 7, quantity = '1' WHERE amount_minor > 2000",
        "DELETE FROM revenue_event WHERE amount_minor = 1429",
        "DELETE FROM daily_consumption WHERE amount_minor = 1430",
        "UPDATE revenue_event SET usage_charge_name = 'wrong', updated_at = created_at",
    )

    regenerate(api, sold)

    assert rows(api) == before


def test_a_row_that_the_ledger_does_not_know_goes(api: Api, sold: Sold) -> None:
    before = rows(api)
    damage(
        api,
        "UPDATE daily_consumption SET id = 'f' || substr(id, 2), transaction_date = '2026-01-31' "
        "WHERE amount_minor = 1429",
    )

    regenerate(api, sold)

    assert rows(api) == before


def test_u_47_a_fund_or_a_segment_limits_what_is_regenerated(api: Api, sold: Sold) -> None:
    before = rows(api)
    january, february = (fund.id for fund in sold.funds)

    damage(api, "DELETE FROM revenue_event", "DELETE FROM daily_consumption")
    regenerate(api, sold, fundId=february)
    assert {row["fund_id"] for row in rows(api)["revenue_event"]} == {february}
    regenerate(api, sold, fundId=january, chargeSegmentNumber=1)
    assert rows(api) == before

    damage(api, "DELETE FROM revenue_event", "DELETE FROM daily_consumption")
    regenerate(api, sold, chargeSegmentNumber=sold.charge("Prepayment").number)
    assert rows(api) == before


@pytest.fixture
def repriced(api: Api) -> Sold:
    """A prepayment charge with two segments: fund A is of the first, fund B of the second.

    A unit costs 100 / 7 USD in January and 210 / 7 in February. No order changes a price yet, so
    the second segment is made by hand.
    """
    with writing(api) as books:
        sold = sell(books, account(books), prepaid_plan(books, units=7, price=100), months=2)
        first, february = sold.charge("Prepayment"), date(2026, 2, 1)
        books.charges.change(first, effective_end_date=february)
        books.charges.add(
            replace(
                first,
                id=books.new_id(),
                segment=2,
                effective_start_date=february,
                tiers=prices(210),
            )
        )
        books.funds.change(sold.funds[1], charge_segment=2, funding_price_minor=21_000)
    for day, quantity in (("01-03", 2), ("01-09", 3), ("02-02", 5), ("02-04", 1)):
        use(api, f"2026-{day}", quantity)
    return sold


Amounts = Sequence[tuple[int, int]]
RIGHT: dict[str, Amounts] = {
    "A": [(2, 2857), (3, 4286)],
    "B": [(5, 15_000), (1, 3000)],
}


def of_funds(api: Api, sold: Sold, table: str) -> dict[str, Amounts]:
    """Return quantity and amount of each day of fund A and of fund B."""
    found: dict[str, list[tuple[int, int]]] = {"A": [], "B": []}
    names = {fund.id: name for fund, name in zip(sold.funds, "AB", strict=True)}
    for row in sorted(rows(api)[table], key=lambda row: str(row["transaction_date"])):
        found[names[row["fund_id"]]].append((int(row["quantity"]), row["amount_minor"]))
    return {**found}


@pytest.mark.parametrize("damaged", [[], [(99, 1), (99, 1)]], ids=["deleted", "changed"])
@pytest.mark.parametrize(
    ("segment", "fund", "restored"),
    [
        ("1", None, "A"),
        ("2", None, "B"),
        (2, None, "B"),
        (None, "A", "A"),
        (None, "B", "B"),
        ("1", "A", "A"),
        (None, None, "AB"),
    ],
)
def test_u_47_filters_touch_only_what_they_select(
    api: Api,
    repriced: Sold,
    segment: str | int | None,
    fund: str | None,
    restored: str,
    damaged: Amounts,
) -> None:
    before = rows(api)
    for table in before:
        assert of_funds(api, repriced, table) == RIGHT
        change = f"UPDATE {table} SET quantity = '99', amount_minor = 1"  # noqa: S608 - Ours.
        damage(api, change if damaged else f"DELETE FROM {table}")  # noqa: S608 - Ours.

    ids = {name: fund.id for fund, name in zip(repriced.funds, "AB", strict=True)}
    regenerate(api, repriced, chargeSegmentNumber=segment, fundId=fund and ids[fund])

    for table in before:
        expected = {name: RIGHT[name] if name in restored else damaged for name in "AB"}
        assert of_funds(api, repriced, table) == expected
    regenerate(api, repriced)
    assert rows(api) == before


def test_u_47_a_fund_of_another_segment_is_not_found(api: Api, repriced: Sold) -> None:
    damage(api, "UPDATE revenue_event SET quantity = '99', amount_minor = 1")
    scope = {
        "originalChargeId": repriced.charge("Prepayment").original_id,
        "chargeSegmentNumber": "1",
        "fundId": repriced.funds[1].id,
    }

    refused = api.post(URL, scope)

    assert refused.status_code == 404
    assert refused.json()["reasons"][0]["code"] == 50000040
    wrong = [(99, 1), (99, 1)]
    assert of_funds(api, repriced, "revenue_event") == {"A": wrong, "B": wrong}


def test_u_47_only_events_of_the_segment_are_recollected(api: Api, repriced: Sold) -> None:
    regenerate(api, repriced, "?forRevenueRecollect=true", chargeSegmentNumber="2")

    found = {(row["charge_segment"], row["regenerate_flag"]) for row in rows(api)["revenue_event"]}
    assert found == {(1, "N"), (2, "Y")}


def test_u_46_recollecting_stamps_every_event_and_moves_nothing(api: Api, sold: Sold) -> None:
    before = rows(api)

    regenerate(api, sold, "?forRevenueRecollect=true")

    after = rows(api)
    assert after["daily_consumption"] == before["daily_consumption"]
    assert {row["regenerate_flag"] for row in after["revenue_event"]} == {"Y"}
    assert [row["amount_minor"] for row in after["revenue_event"]] == [
        row["amount_minor"] for row in before["revenue_event"]
    ]
    regenerate(api, sold)
    assert rows(api) == after


def test_usage_goes_on_after_a_regeneration(api: Api, sold: Sold) -> None:
    regenerate(api, sold)
    use(api, "2026-01-20", 2)

    before = rows(api)
    regenerate(api, sold)
    assert rows(api) == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, 50500022),
        ({"originalChargeId": None}, 400, 50500022),
        ({"originalChargeId": ""}, 400, 50500022),
        ({"originalChargeId": 7}, 400, 50500020),
        ({"originalChargeId": "x" * 33}, 400, 50500020),
        ({"originalChargeId": "unknown"}, 404, 50000040),
    ],
)
def test_r_t51_a_bad_scope_has_its_category(
    api: Api, body: dict[str, Any], status: int, code: int
) -> None:
    response = api.post(URL, body)

    assert response.status_code == status
    assert response.json()["reasons"][0]["code"] == code


def test_the_right_reason_for_each_wrong_scope(api: Api, sold: Sold) -> None:
    prepayment, drawdown = sold.charge("Prepayment"), sold.charge("Drawdown")
    with writing(api) as books:
        other = sell(books, account(books), prepaid_plan(books))

    def code(**scope: Any) -> int:
        answer = api.post(URL, {"originalChargeId": prepayment.original_id, **scope})
        return int(answer.json()["reasons"][0]["code"])

    assert code(originalChargeId=drawdown.original_id) == 50500030
    assert code(fundId=other.funds[0].id) == 50000040
    assert code(fundId="unknown") == 50000040
    assert code(chargeSegmentNumber="2") == 50500020
    assert code(chargeSegmentNumber="0") == 50500020
    assert code(chargeSegmentNumber=True) == 50500020
    assert code(chargeSegmentNumber=1.5) == 50500020
    assert code(fundId=7) == 50500020
    assert code(fundId="x" * 33) == 50500020
    assert code(chargeSegmentNumber=other.charge("Prepayment").number) == 50500020
    api.settings(prepaid_with_drawdown=False)
    assert code() == 50500010


def test_lost_events_that_were_collected_are_not_collected_again(api: Api) -> None:
    january = ""
    months = (("Jan", "2026-01-01", "2026-01-31"), ("Feb", "2026-02-01", "2026-02-28"))
    for name, start, end in months:
        period = {"name": name, "startDate": start, "endDate": end, "fiscalYear": 2026}
        made = api.made("/v1/accounting-periods", period)
        january = january or made["id"]
    with writing(api) as books:
        customer, plan = account(books), prepaid_plan(books, units=7, price=100)
        sold = sell(books, customer, plan, months=2)
    use(api, "2026-01-03", 2)
    use(api, "2026-01-09", 3)
    api.put(f"/v1/accounting-periods/{january}/close")
    before = rows(api)
    assert [row["collected_minor"] for row in before["revenue_event"]] != [0, 0]

    damage(api, "DELETE FROM revenue_event")
    regenerate(api, sold)

    assert rows(api) == before


def test_lost_events_are_collected_for_what_each_of_them_gave(api: Api) -> None:
    with writing(api) as books:
        define_months(books, 2026, 1, 2)
        sold = sell(books, account(books), prepaid_plan(books, units=7, price=100), months=1)
    use(api, "2026-01-03", 1)
    use(api, "2026-01-09", 3)
    api.made("/v1/revenue/collect", None)
    # From here on less is due of the third, and all of the second.
    use(api, "2026-01-05", 2)
    use(api, "2026-01-09", -1)
    before = rows(api)

    damage(api, "DELETE FROM revenue_event")
    regenerate(api, sold)

    assert rows(api) == before
    by_day = sorted(before["revenue_event"], key=lambda row: row["transaction_date"])
    assert [row["collected_minor"] for row in by_day] == [1429, 0, 4285]


def test_a_request_that_is_sent_again_with_its_key_is_not_carried_out_again(
    api: Api, sold: Sold
) -> None:
    body = {"originalChargeId": sold.charge("Prepayment").original_id}
    sent = (f"{URL}?forRevenueRecollect=true", body)
    assert api.made(*sent, Idempotency_Key="k") == {"success": True}
    damage(api, "UPDATE revenue_event SET regenerate_flag = 'N'")

    assert api.made(*sent, Idempotency_Key="k") == {"success": True}

    assert {row["regenerate_flag"] for row in rows(api)["revenue_event"]} == {"N"}
    with writing(api) as books:
        assert books.audit.count(action="regenerated") == 1


def test_what_a_regeneration_did_is_in_the_audit_log(api: Api, sold: Sold) -> None:
    damage(
        api,
        "DELETE FROM daily_consumption WHERE amount_minor = 7143",
        "UPDATE daily_consumption SET amount_minor = 1 WHERE amount_minor = 1429",
    )

    regenerate(api, sold, "?forRevenueRecollect=true")
    regenerate(api, sold)

    with writing(api) as books:
        told = books.audit.list(action="regenerated", order_by=["sequence"])
    assert {entry.object_id for entry in told} == {sold.charge("Prepayment").original_id}
    assert [entry.detail for entry in told] == [
        {"inserted": 1, "changed": 1, "removed": 0, "stamped": 4},
        {"inserted": 0, "changed": 0, "removed": 0, "stamped": 0},
    ]


def test_wrong_rows_that_a_server_remembers_are_not_written_back(
    founded_database_url: str,
) -> None:
    with serving(founded_database_url) as first:
        with writing(first) as books:
            sold = sell(books, account(books), prepaid_plan(books, units=7, price=100), months=2)
        use(first, "2026-01-03", 2)
        damage(first, "UPDATE daily_consumption SET quantity = '1', amount_minor = 1")
    with serving(founded_database_url) as second:
        use(second, "2026-01-04", 1)
        regenerate(second, sold)
        use(second, "2026-01-02", 1)

        found = rows(second)["daily_consumption"]

    assert sorted(row["amount_minor"] for row in found) == [1428, 1429, 2857]
