"""Any number is explained, down to usage records and up to journal entries."""

from typing import Any

import pytest

from earned.services.credit_fund import CreditFund, credit_fund
from tests import builders, reports
from tests.api import Api
from tests.builders import Sold, writing
from tests.explaining import branches, explained, journalled, nodes, path
from tests.http.billing import CREDIT_MEMOS, Shop
from tests.http.journal import RUNS
from tests.periods import define_months
from tests.reports import close, schedule, use

JAN, FEB = "Jan'2026", "Feb'2026"
DOWN = [
    *("JournalEntryItem", "RevenueEventItem", "RevenueRecognitionEvent", "DailyConsumptionSummary"),
    *("PrepaidBalanceTransaction", "GuidedUsage", "Usage"),
]
UP = [
    *("Usage", "GuidedUsage", "PrepaidBalanceTransaction", "DailyConsumptionSummary"),
    *("RevenueRecognitionEvent", "RevenueEventItem", "JournalEntryItem", "JournalEntry"),
]


@pytest.fixture
def sold(api: Api) -> Sold:
    """Sell 10 tokens for 100.00, 12.00 for each beyond, and define two months."""
    with writing(api) as books:
        define_months(books, 2026, 1, 2)
        reports.add_codes(books, Prepayments="DeferredRevenue", Usage="SalesRevenue")
        plan = builders.rate_plan(books)
        deferred = {"deferred_revenue_account": "Prepayments"}
        builders.prepayment_charge(
            books, plan, units=10, price=100, recognized_revenue_account="Usage", **deferred
        )
        builders.drawdown_charge(books, plan, price=12, recognized_revenue_account="Usage")
        return builders.sell(books, builders.account(books), plan, months=1)


def test_a_journal_line_is_explained_down_to_usage(api: Api, sold: Sold) -> None:
    first = use(api, 4, "2026-01-10")
    second = use(api, 3, "2026-01-10")
    journalled(api, JAN)

    node = explained(api, "JE-00000001:1", "?direction=down")

    assert path(node, "down") == DOWN
    assert (node["text"], node["amount"]) == ("Debit Prepayments", "70.00")
    assert "up" not in node
    usage = [one for one in nodes(node) if one["type"] == "Usage"]
    assert [(one["id"], one["quantity"]) for one in usage] == [(first, "4"), (second, "3")]
    (day,) = [one for one in nodes(node) if one["type"] == "DailyConsumptionSummary"]
    (drawn,) = day["down"]
    assert (drawn["count"], drawn["quantity"], day["quantity"]) == ("2", "-7", "7")


def test_usage_is_explained_up_to_the_journal(api: Api, sold: Sold) -> None:
    record = use(api, 4, "2026-01-10")
    journalled(api, JAN)

    node = explained(api, record)

    assert path(node, "up") == UP
    lines = [one["text"] for one in nodes(node) if one["type"] == "JournalEntryItem"]
    assert lines == ["Debit Prepayments", "Credit Usage"]
    (event,) = [one for one in nodes(node) if one["type"] == "RevenueRecognitionEvent"]
    assert event["amount"] == "40.00"


def test_overage_is_explained_both_ways(api: Api, sold: Sold) -> None:
    record = use(api, 12, "2026-01-10")
    journalled(api, JAN)

    up = branches(explained(api, record)["up"][0]["nodes"][0], "up")
    assert up["PrepaidBalanceTransaction"]["quantity"] == "-10"
    assert up["DailyConsumptionSummary"]["amount"] == "24.00"
    (overage,) = up["DailyConsumptionSummary"]["nodes"]
    down = explained(api, overage["id"], "?direction=down")
    (guided,) = down["down"][0]["nodes"]
    assert (guided["quantity"], guided["down"][0]["nodes"][0]["id"]) == ("2", record)


def test_every_thing_in_a_tree_can_be_explained_itself(api: Api, sold: Sold) -> None:
    record = use(api, 12, "2026-01-10")
    journalled(api, JAN)
    trees = [explained(api, one) for one in (record, "JE-00000001", "RS-00000001")]
    seen = {(one["type"], one["id"]) for tree in trees for one in nodes(tree)}

    assert {kind for kind, _ in seen} >= {*DOWN, *UP, "RevenueItem", "RevenueSchedule"}
    for kind, identity in seen:
        assert explained(api, identity)["type"] == kind, identity


def test_a_schedule_is_explained_by_its_items_and_where_they_came_from(
    api: Api, sold: Sold
) -> None:
    use(api, 4, "2026-01-10")
    close(api, JAN)

    node = explained(api, "rs-00000001", "?direction=down")

    items = node["down"][0]
    assert (items["count"], items["amount"]) == ("2", "100.00")
    assert [(one["id"], one["text"], one["amount"]) for one in items["nodes"]] == [
        ("RS-00000001:Jan'2026", "recognized", "40.00"),
        ("RS-00000001:Open-Ended", "open", "60.00"),
    ]
    rest = items["nodes"][1]["down"][0]["nodes"]
    assert [(one["number"], one["text"], one["amount"]) for one in rest] == [
        ("RE-00000001", "Fund Activated", "100.00"),
        ("RE-00000002", "Usage Collected", "-40.00"),
    ]
    item = explained(api, "RE-00000002:Jan'2026", "?direction=down")
    assert item["amount"] == item["down"][0]["amount"] == "40.00"


def test_a_schedule_made_by_hand_ends_with_its_distribution(api: Api) -> None:
    with writing(api) as books:
        define_months(books, 2026, 1)
        plan = builders.rate_plan(books)
        builders.unlimited_charge(books, plan)
        charge = builders.sell(books, builders.account(books), plan).charge("Project")
    schedule(api, charge.id, "300", "2026-01-05", {JAN: "300"})

    node = explained(api, "RE-00000001")

    assert path(node, "down") == ["RevenueEvent", "RevenueEventItem"]
    assert node["text"] == "Revenue Distributed"


def test_a_fund_is_explained_by_its_ledger_and_its_schedule(api: Api, sold: Sold) -> None:
    use(api, 4, "2026-01-10")

    node = explained(api, sold.funds[0].id)

    assert (node["type"], node["amount"], node["quantity"]) == (
        "PrepaidBalanceFund",
        "100.00",
        "10",
    )
    ledger = node["down"][0]
    assert (ledger["count"], ledger["quantity"]) == ("2", "6")
    assert [one["text"] for one in ledger["nodes"]] == ["PREPAYMENT", "DRAWDOWN"]
    assert node["up"][0]["nodes"][0]["id"] == "RS-00000001"


def test_what_was_credited_is_explained_by_the_ledger(api: Api, sold: Sold) -> None:
    use(api, 4, "2026-01-10")
    with writing(api) as books:
        fund = sold.funds[0]
        credit_fund(books, CreditFund(fund_id=fund.id, day=fund.last_day, credit_minor=6000))
        (day,) = [row for row in books.consumption.list() if row.ending]

    node = explained(api, day.id)

    schedules = explained(api, fund.id, "?direction=up")["up"][0]
    assert [one["amount"] for one in schedules["nodes"]] == ["100.00", "-60.00"]
    assert node["text"] == "CREDIT"
    assert [one["text"] for one in node["down"][0]["nodes"]] == ["PREPAYMENT_CREDIT_BACK"]
    assert node["up"][0]["nodes"][0]["text"] == "FundCredit"


def test_events_that_cancelled_out_say_so(api: Api, sold: Sold) -> None:
    record = use(api, 2, "2026-01-10")
    close(api, JAN)
    reports.reopen(api, JAN)
    use(api, -2, "2026-01-10")
    moved = use(api, 2, "2026-01-11")
    close(api, JAN)

    (event,) = [
        one for one in nodes(explained(api, record)) if one["type"] == "RevenueRecognitionEvent"
    ]

    went = event["up"][0]
    assert (went["count"], went["amount"], event["amount"]) == ("2", "0.00", "0.00")
    assert [(one["id"], one["text"], one["amount"]) for one in went["nodes"]] == [
        ("RE-00000002:Jan'2026", "Usage Collected", "20.00"),
        ("RS-00000001:Jan'2026", "Cancelled out within one run", "-20.00"),
    ]
    assert path(explained(api, moved), "up") == UP[:6]


def test_a_line_that_bills_is_explained_by_the_item_it_posts(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    memo = shop.memo_of(CREDIT_MEMOS, invoice, 30)
    ledger_run(api, "Invoice Item", "Credit Memo Item (Charge)")

    node = explained(api, "JE-00000001:1", "?direction=down")

    (branch,) = node["down"]
    (item,) = branch["nodes"]
    assert (branch["type"], branch["count"], branch["amount"]) == (
        "BillingDocumentItem",
        "1",
        "300.00",
    )
    assert (item["number"], item["text"], item["day"]) == (
        invoice["invoiceNumber"],
        "Fee",
        "2024-01-15",
    )
    assert path(explained(api, memo["number"]), "up") == [
        *("BillingDocument", "BillingDocumentItem", "RevenueSchedule", "RevenueEventItem"),
    ]


def test_an_invoice_is_explained_up_to_its_schedules_and_the_journal(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    adjusted = shop.adjust(invoice, 10)
    ledger_run(api, "Invoice Item")

    node = explained(api, invoice["invoiceNumber"].lower())

    assert (node["type"], node["text"], node["amount"]) == ("BillingDocument", "Invoice", "300.00")
    assert explained(api, invoice["id"])["number"] == invoice["invoiceNumber"]
    (item,) = branches(node, "up")["BillingDocumentItem"]["nodes"]
    assert [one["id"] for one in branches(item, "up")["RevenueSchedule"]["nodes"]] == [
        "RS-00000001"
    ]
    lines = branches(item, "up")["JournalEntryItem"]["nodes"]
    assert [one["text"] for one in lines] == ["Debit Receivable", "Credit Deferred Revenue"]
    adjustment = explained(api, adjusted)
    assert explained(api, adjustment["number"])["id"] == adjusted


def ledger_run(api: Api, *types: str) -> None:
    run = {"journalEntryDate": "2024-01-31", "accountingPeriodName": "Jan'2024"}
    api.made(RUNS, {**run, "transactionTypes": [{"type": kind} for kind in types]})


def test_long_lists_are_counted_and_come_in_pages(api: Api, sold: Sold) -> None:
    records = [use(api, "0.1", "2026-01-10") for _ in range(5)]
    with writing(api) as books:
        (day,) = books.consumption.list()

    seen: list[str] = []
    at = f"/v1/explain/{day.id}?direction=down&pageSize=2"
    for _ in range(3):
        branch = api.found(at.removeprefix("http://testserver"))["node"]["down"][0]
        assert (branch["count"], branch["quantity"]) == (5, -0.5)
        usage = [one for drawn in branch["nodes"] for one in nodes(drawn) if one["type"] == "Usage"]
        seen += [one["id"] for one in usage]
        at = branch.get("nextPage", "")

    assert seen == records
    assert at == ""


def test_a_tree_has_no_more_nodes_than_it_may(api: Api) -> None:
    with writing(api) as books:
        define_months(books, 2026, 1)
        plan = builders.prepaid_plan(books, units=1000, price=1000)
        builders.sell(books, builders.account(books), plan, months=1)
    for day in range(1, 21):
        for _ in range(7):
            use(api, 1, f"2026-01-{day:02}")
    close(api, JAN)

    node = explained(api, "RS-00000001", "?direction=down&pageSize=100")

    found = list(nodes(node))
    assert len(found) <= 501
    events = [one for one in found if one["type"] == "RevenueRecognitionEvent"]
    assert len(events) == 20
    # Not all movements fit; each day still says how many there are.
    days = [one for one in found if one["type"] == "DailyConsumptionSummary"]
    assert {(one["down"][0]["count"], one["down"][0]["quantity"]) for one in days} == {("7", "-7")}
    listed = [one for one in found if one["type"] == "PrepaidBalanceTransaction"]
    assert all(one["down"][0]["count"] == "1" for one in listed)


def test_what_cannot_be_explained_is_not_found(api: Api, sold: Sold) -> None:
    for unknown in ("RS-00000404", "RS-00000001:Mar'2026", "JE-00000001:1", "JE-1:x", "0" * 32):
        response = api.get(f"/v1/explain/{unknown}")
        assert response.status_code == 404, unknown
        (reason,) = response.json()["reasons"]
        assert reason["message"] == f"Cannot find entity by key: '{unknown}'."


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("direction=sideways", "'direction' value should be one of: both, down, up"),
        ("cursor=down", "'cursor' value is invalid"),
        ("cursor=down.Usage.x", "'cursor' value is invalid"),
        ("cursor=down.Moon.1", "'cursor' value is invalid"),
        ("cursor=down.Usage.99999999999999999999", "'cursor' value is invalid"),
        ("pageSize=0", "'pageSize' value should be a whole number from 1"),
    ],
)
def test_parameters_are_checked(api: Api, sold: Sold, query: str, message: str) -> None:
    response = api.get(f"/v1/explain/RS-00000001?{query}")

    assert response.status_code == 400
    assert [reason["message"] for reason in response.json()["reasons"]] == [message]


def test_a_cursor_of_another_thing_lists_nothing(api: Api, sold: Sold) -> None:
    found: Any = api.found("/v1/explain/RS-00000001?cursor=down.Usage.0")

    assert "down" not in found["node"]
