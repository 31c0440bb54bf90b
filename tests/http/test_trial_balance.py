"""The trial balance of a period over the wire (R 6.1)."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.api import Api
from tests.http.billing import CREDIT_MEMOS, INVOICES, Shop
from tests.http.by_hand import refusal
from tests.http.journal import ENTRIES, Ledger, item

NONE = "No trial balance of accounting period 'Jan'2013' has been run"
REPORT = "/v1/reports/trial-balance"


@pytest.fixture
def ledger(api: Api) -> Ledger:
    return Ledger(api, months=3)


def sides(amount: int) -> dict[str, int]:
    return {"debits": amount, "credits": amount}


def report(ledger: Ledger, period: str) -> Any:
    return ledger.api.found(f"{REPORT}?accountingPeriodName={period}")


def test_a_month_opens_with_what_the_one_before_closed_with(ledger: Ledger) -> None:
    ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    ledger.close("Jan'2013")
    ledger.act("Feb'2013", "run-trial-balance")

    assert ledger.balance("Jan'2013") == [
        ("USD", "Deferred Revenue", "0.00", "100.00", "0.00", "100.00"),
        ("USD", "Subscription Revenue", "0.00", "0.00", "100.00", "-100.00"),
    ]
    assert ledger.balance("Feb'2013") == [
        ("USD", "Deferred Revenue", "100.00", "200.00", "0.00", "300.00"),
        ("USD", "Subscription Revenue", "-100.00", "0.00", "200.00", "-300.00"),
    ]


def test_what_was_run_and_when_is_told_with_the_totals(ledger: Ledger) -> None:
    ledger.schedule("100", {"Jan'2013": "100"})
    ledger.schedule("7000", {"Jan'2013": "7000"}, "JPY")
    ledger.act("Jan'2013", "run-trial-balance")

    found = report(ledger, "Jan'2013")

    blank = {"accountingCodeName": None, "accountingCodeType": None}
    assert {name: found[name] for name in found if name not in {"rows", "runBy"}} == {
        "report": "trial-balance",
        "asOf": None,
        "compareTo": None,
        "accountingPeriodName": "Jan'2013",
        "runOn": "2026-01-15 12:00:00",
        "isFrozen": False,
        "receivables": [],
        "requiredActions": [],
        "totals": [
            {"currency": currency, **blank, "opening": 0, "closing": 0, **sides(amount)}
            for currency, amount in (("JPY", 7000), ("USD", 100))
        ],
        "success": True,
    }
    assert found["rows"][0] == {
        "currency": "JPY",
        "accountingCodeName": "Deferred Revenue",
        "accountingCodeType": "DeferredRevenue",
        "opening": 0,
        "debits": 7000,
        "credits": 0,
        "closing": 7000,
    }


def test_a_second_run_replaces_the_first(ledger: Ledger) -> None:
    number = ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    ledger.act("Jan'2013", "run-trial-balance")
    ledger.spread(number, {"Jan'2013": "70", "Feb'2013": "230"})
    stale = ledger.balance("Jan'2013")

    ledger.act("Jan'2013", "run-trial-balance")

    assert stale[0] == ("USD", "Deferred Revenue", "0.00", "100.00", "0.00", "100.00")
    assert ledger.balance("Jan'2013") == [
        ("USD", "Deferred Revenue", "0.00", "100.00", "30.00", "70.00"),
        ("USD", "Subscription Revenue", "0.00", "30.00", "100.00", "-70.00"),
    ]


def test_receivables_and_drafts_stand_beside_it_as_they_were_when_it_was_run(api: Api) -> None:
    shop, january = Shop(api, automatic=False), "Jan'2024"
    path = f"{REPORT}?accountingPeriodName={january}"
    shop.memo_of(CREDIT_MEMOS, shop.posted(), "30")
    draft = shop.draft(invoiceDate="2024-01-20")
    shop.draft(invoiceDate="2024-02-01")
    shop.balance(january)
    first = api.found(path)

    rolled = {"opening": 0, "debitMemos": 0, "adjustments": 0, "creditMemos": 30}
    row = {"currency": "USD", "accountingPeriodName": january, "status": "open", **rolled}
    assert first["receivables"] == [{**row, "invoices": 300, "closing": 270}]
    assert first["requiredActions"] == [
        {"document": "draft invoice", "number": draft["invoiceNumber"], "date": "2024-01-20"}
    ]

    api.clock.now += timedelta(minutes=1)
    shop.put(f"{INVOICES}/{draft['id']}/post")
    assert api.found(path) == first
    api.clock.now += timedelta(minutes=1)
    shop.close(january)

    last = api.found(path)
    assert last["receivables"] == [{**row, "status": "closed", "invoices": 600, "closing": 570}]
    assert last["requiredActions"] == []
    assert [r["closing"] for r in last["rows"] if r["accountingCodeName"] == "Receivable"] == [570]


def test_a_journal_run_moves_no_balance(ledger: Ledger) -> None:
    ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    ledger.act("Jan'2013", "run-trial-balance")
    before = ledger.balance("Jan'2013")

    ledger.run()
    ledger.act("Jan'2013", "run-trial-balance")

    assert ledger.balance("Jan'2013") == before


def test_entries_by_hand_count_while_they_are_in_force(ledger: Ledger) -> None:
    cash = (item("Debit", "Deferred Revenue", "12"), item("Credit", "Subscription Revenue", "12"))
    number = ledger.enter(*cash)
    ledger.act("Jan'2013", "run-trial-balance")
    before = ledger.balance("Jan'2013")
    ledger.api.put(f"{ENTRIES}/{number}/cancel")
    ledger.act("Jan'2013", "run-trial-balance")

    assert before == [
        ("USD", "Deferred Revenue", "0.00", "12.00", "0.00", "12.00"),
        ("USD", "Subscription Revenue", "0.00", "0.00", "12.00", "-12.00"),
    ]
    assert ledger.balance("Jan'2013") == []


def test_an_open_month_opens_with_open_months_before_it(ledger: Ledger) -> None:
    ledger.schedule("6", {"Jan'2013": "1", "Feb'2013": "2", "Mar'2013": "3"})
    ledger.close("Jan'2013")
    ledger.act("Mar'2013", "run-trial-balance")

    assert ledger.balance("Mar'2013") == [
        ("USD", "Deferred Revenue", "3.00", "3.00", "0.00", "6.00"),
        ("USD", "Subscription Revenue", "-3.00", "0.00", "3.00", "-6.00"),
    ]


def test_what_a_period_closed_with_is_kept_when_it_is_reopened(ledger: Ledger) -> None:
    number = ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    ledger.close("Jan'2013")
    ledger.act("Jan'2013", "reopen")
    ledger.spread(number, {"Jan'2013": "70", "Feb'2013": "230"})

    assert report(ledger, "Jan'2013")["isFrozen"] is True
    ledger.act("Jan'2013", "run-trial-balance")
    assert report(ledger, "Jan'2013")["isFrozen"] is False
    ledger.act("Feb'2013", "run-trial-balance")
    assert ledger.balance("Feb'2013")[0][2] == "70.00"
    ledger.close("Jan'2013")
    assert report(ledger, "Jan'2013")["isFrozen"] is True
    assert ledger.balance("Jan'2013")[0] == (
        "USD",
        "Deferred Revenue",
        "0.00",
        "100.00",
        "30.00",
        "70.00",
    )


def test_what_was_said_at_a_close_is_set_beside_what_is_known_now(ledger: Ledger) -> None:
    number = ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    ledger.close("Jan'2013")
    ledger.api.clock.now += timedelta(minutes=10)
    ledger.act("Jan'2013", "reopen")
    ledger.spread(number, {"Jan'2013": "70", "Feb'2013": "230"})
    ledger.api.clock.now += timedelta(minutes=10)
    ledger.act("Jan'2013", "run-trial-balance")
    path = f"{REPORT}?accountingPeriodName=Jan'2013"

    then = ledger.api.found(f"{path}&asOf=2026-01-15T12:05:00Z")
    both = ledger.api.found(f"{path}&compareTo=Jan'2013")

    assert (then["isFrozen"], then["rows"][0]["closing"]) == (True, 100)
    names = ("closing", "closingCompared", "closingChange", "credits", "creditsChange")
    assert [both["rows"][0][name] for name in names] == [70, 100, -30, 30, 30]
    assert refusal(ledger.api, "GET", f"{path}&asOf=2026-01-14") == (
        50000030,
        f"{NONE} by 2026-01-14T23:59:59.999999+00:00.",
    )


def test_a_closed_period_is_not_balanced_again(ledger: Ledger) -> None:
    ledger.close("Jan'2013")
    january = ledger.periods["Jan'2013"]

    assert refusal(ledger.api, "PUT", f"/v1/accounting-periods/{january}/run-trial-balance") == (
        50000030,
        "The accounting period must be open to run a trial balance.",
    )


def test_balances_equal_what_was_journalled(ledger: Ledger) -> None:
    ledger.schedule("300", {"Jan'2013": "100", "Feb'2013": "200"})
    ledger.schedule("-55.93", {"Jan'2013": "-55.93"})
    ledger.close("Jan'2013")
    run = ledger.run()

    moved: dict[str, Decimal] = defaultdict(Decimal)
    for entry in ledger.entries(run):
        for one in entry["journalEntryItems"]:
            moved[f"{one['accountingCodeName']} {one['type']}"] += Decimal(one["amount"])

    assert moved == {
        "Deferred Revenue Debit": Decimal("100.00"),
        "Deferred Revenue Credit": Decimal("55.93"),
        "Subscription Revenue Debit": Decimal("55.93"),
        "Subscription Revenue Credit": Decimal("100.00"),
    }
    assert ledger.balance("Jan'2013") == [
        ("USD", "Deferred Revenue", "0.00", "100.00", "55.93", "44.07"),
        ("USD", "Subscription Revenue", "0.00", "55.93", "100.00", "-44.07"),
    ]


def test_a_trial_balance_is_a_file_too(ledger: Ledger) -> None:
    ledger.schedule("1.005", {"Jan'2013": "1.005"}, "KWD")
    ledger.act("Jan'2013", "run-trial-balance")

    response = ledger.api.get(f"{REPORT}?accountingPeriodName=Jan'2013&format=csv")

    assert response.headers["content-type"].startswith("text/csv")
    assert response.text == (
        "line,currency,accountingCodeName,accountingCodeType,opening,debits,credits,closing\r\n"
        "row,KWD,Deferred Revenue,DeferredRevenue,0.000,1.005,0.000,1.005\r\n"
        "row,KWD,Subscription Revenue,SalesRevenue,0.000,0.000,1.005,-1.005\r\n"
        "total,KWD,,,0.000,1.005,1.005,0.000\r\n"
    )


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("", 50000023, None),
        ("accountingPeriodName=May", 50000020, "Cannot find accounting period 'May'."),
        (
            "accountingPeriodName=Jan'2013",
            50000030,
            f"{NONE}.",
        ),
        (
            "accountingPeriodName=Jan'2013&format=xml",
            50000020,
            "'format' value should be one of: json, csv",
        ),
    ],
)
def test_a_balance_that_is_not_there_is_refused(
    ledger: Ledger, query: str, code: int, message: str | None
) -> None:
    found = refusal(ledger.api, "GET", f"{REPORT}?{query}")

    assert found[0] == code
    assert message is None or found[1] == message
