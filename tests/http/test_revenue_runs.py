"""Collecting revenue and expiring funds over the wire, and with the close."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from earned.services.audit_books import audit_books
from earned.services.credit_fund import CreditFund, credit_fund
from tests import builders
from tests.api import Api, Clock, serving
from tests.periods import define_months
from tests.reports import ROLL_FORWARD, rows

COLLECT = "/v1/revenue/collect"
EXPIRE = "/v1/revenue/expire-funds"
REGENERATE = "/v1/uno-regenerate/rev-rec-events/daily-consumption"
EVENTS = "/object-query/revenue-recognition-events"
JANUARY, FEBRUARY = "Jan'2026", "Feb'2026"


@pytest.fixture
def api(founded_database_url: str) -> Iterator[Api]:
    """Lend a client in the middle of March 2026."""
    clock = Clock()
    clock.now = datetime(2026, 3, 15, 12, tzinfo=UTC)
    with serving(founded_database_url, clock) as client:
        yield client


@pytest.fixture
def sold(api: Api) -> builders.Sold:
    """Sell 100,000 tokens of January for 1,000.00 USD; beyond them one costs 0.02."""
    with builders.writing(api) as books:
        define_months(books, 2026, 1, 2, 3)
        customer = builders.account(books, number="A-1")
        return builders.sell(books, customer, builders.prepaid_plan(books), months=1)


def use(api: Api, quantity: int, day: int = 10, account: str = "A-1") -> None:
    record = {"AccountNumber": account, "UOM": "Token", "Quantity": quantity}
    api.made("/v1/object/usage", {**record, "StartDateTime": f"2026-01-{day}"})


def close(api: Api, name: str) -> None:
    periods = api.found("/v1/accounting-periods")["accountingPeriods"]
    identity = next(period["id"] for period in periods if period["name"] == name)
    assert api.put(f"/v1/accounting-periods/{identity}/close").json() == {"success": True}


def held(api: Api, number: str = "RS-00000001") -> dict[str, Decimal]:
    """Return what a schedule holds in each period."""
    items = api.found(f"/v1/revenue-schedules/{number}")["revenueItems"]
    amounts = {item["accountingPeriodName"]: Decimal(str(item["amount"])) for item in items}
    return {name: amount for name, amount in amounts.items() if amount}


def events(api: Api, *fields: str) -> list[Any]:
    """Return fields of the revenue recognition events, by day."""
    query = f"{EVENTS}?fields[]={','.join(fields)}&sort[]=transactiondate.ASC"
    return [tuple(row.get(name) for name in fields) for row in api.found(query)["data"]]


def collect(api: Api) -> tuple[int, int, int]:
    answer = api.made(COLLECT, None)
    assert set(answer) == {
        *("success", "eventsCollected", "revenueEventCount", "revenueScheduleCount")
    }
    return (
        answer["eventsCollected"],
        answer["revenueEventCount"],
        answer["revenueScheduleCount"],
    )


def notes(api: Api, number: str) -> list[str | None]:
    """Return the notes of a schedule's distributions, the latest first."""
    found = api.found(f"/v1/revenue-events/revenue-schedules/{number}")["revenueEventDetails"]
    return [event["notes"] for event in found]


def test_collecting_says_what_it_did(api: Api, sold: builders.Sold) -> None:
    del sold
    use(api, 61_234)
    use(api, 50_000, 20)

    assert collect(api) == (3, 2, 1)
    assert held(api) == {JANUARY: Decimal("1000.00")}
    # 11,234 tokens at 0.02 (U 31).
    assert held(api, "RS-00000002") == {JANUARY: Decimal("224.68")}
    assert collect(api) == (0, 0, 0)


def test_a_run_that_is_sent_again_with_its_key_says_what_it_did_then(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    use(api, 61_234)
    first = api.made(COLLECT, None, Idempotency_Key="k")
    use(api, 10_000, 20)

    assert api.made(COLLECT, None, Idempotency_Key="k") == first

    assert first["eventsCollected"] == 1
    assert collect(api) == (1, 1, 0)


def test_the_schedule_of_overage_is_read_like_any_other(api: Api, sold: builders.Sold) -> None:
    use(api, 111_234)
    collect(api)

    found = api.found("/v1/revenue-schedules/RS-00000002")

    assert found["recognitionRuleName"] == "Recognize by usage"
    assert found["subscriptionChargeId"] == sold.charge("Drawdown").original_id
    assert found["revenueScheduleDate"] == "2026-01-01"
    assert found["undistributedUnrecognizedRevenue"] == 0
    assert notes(api, "RS-00000002") == [None]


def test_closing_collects_first(api: Api, sold: builders.Sold) -> None:
    del sold
    use(api, 61_234)

    close(api, JANUARY)

    assert held(api) == {JANUARY: Decimal("612.34"), "Open-Ended": Decimal("387.66")}
    assert api.found("/v1/revenue-schedules/RS-00000001")["recognizedRevenue"] == 612.34


def test_late_revenue_of_a_closed_period_says_so(api: Api, sold: builders.Sold) -> None:
    del sold
    use(api, 61_234)
    close(api, JANUARY)
    use(api, 10_000, 20)

    assert collect(api) == (1, 1, 0)

    assert held(api) == {
        JANUARY: Decimal("612.34"),
        FEBRUARY: Decimal("100.00"),
        "Open-Ended": Decimal("287.66"),
    }
    assert notes(api, "RS-00000001") == [
        "100.00 USD belong to Jan'2026, which is closed.",
        None,
        None,
    ]


def test_negative_usage_takes_revenue_back_in_the_open_period(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    use(api, 61_234)
    close(api, JANUARY)
    use(api, -5_000)

    collect(api)

    assert held(api) == {
        JANUARY: Decimal("612.34"),
        FEBRUARY: Decimal("-50.00"),
        "Open-Ended": Decimal("437.66"),
    }


def test_recollecting_moves_only_latest_less_collected(api: Api, sold: builders.Sold) -> None:
    use(api, 61_234)
    use(api, 10_000, 20)
    close(api, JANUARY)
    before = held(api)
    charge = {"originalChargeId": sold.charge("Prepayment").original_id}

    api.made(f"{REGENERATE}?forRevenueRecollect=true", charge)
    assert events(api, "regenerateFlag", "dailyAmount", "collectedAmount") == [
        ("Y", 612.34, 612.34),
        ("Y", 100.0, 100.0),
    ]

    assert collect(api) == (2, 0, 0)
    assert held(api) == before
    assert events(api, "regenerateFlag", "collectedAmount") == [("N", 612.34), ("N", 100.0)]
    assert collect(api) == (0, 0, 0)


def test_a_flag_waits_with_its_day(api: Api, sold: builders.Sold) -> None:
    use(api, 61_234)
    for name in (JANUARY, FEBRUARY, "Mar'2026"):
        close(api, name)
    charge = {"originalChargeId": sold.charge("Prepayment").original_id}

    api.made(f"{REGENERATE}?forRevenueRecollect=true", charge)

    assert collect(api) == (0, 0, 0)
    assert events(api, "regenerateFlag") == [("Y",)]


def test_regenerating_after_a_recollection_changes_nothing(api: Api, sold: builders.Sold) -> None:
    use(api, 61_234)
    charge = {"originalChargeId": sold.charge("Prepayment").original_id}
    api.made(f"{REGENERATE}?forRevenueRecollect=true", charge)
    collect(api)
    before = api.found(EVENTS)

    api.made(REGENERATE, charge)

    assert api.found(EVENTS) == before


def test_a_wrong_row_of_a_closed_period_is_explained_in_the_first_open_one(
    api: Api, sold: builders.Sold
) -> None:
    """A row was changed by hand before the close; regenerating for recollection puts it right."""
    use(api, 61_234)
    with builders.writing(api) as books:
        (wrong,) = books.events.list()
        books.events.change(wrong, amount_minor=60_000)
    close(api, JANUARY)
    assert held(api)[JANUARY] == 600
    charge = {"originalChargeId": sold.charge("Prepayment").original_id}

    api.made(f"{REGENERATE}?forRevenueRecollect=true", charge)
    collect(api)

    assert held(api) == {
        JANUARY: Decimal("600.00"),
        FEBRUARY: Decimal("12.34"),
        "Open-Ended": Decimal("387.66"),
    }
    assert notes(api, "RS-00000001")[0] == "12.34 USD belong to Jan'2026, which is closed."


def test_a_stray_event_that_was_collected_is_taken_back_in_the_open_period(
    api: Api, sold: builders.Sold
) -> None:
    """The ledger knows nothing of it, so regenerating deletes it; collecting does the rest."""
    use(api, 61_234)
    with builders.writing(api) as books:
        (event,) = books.events.list()
        day = event.transaction_date.replace(day=20)
        stray = replace(event, id=books.new_id(), transaction_date=day, amount_minor=5_000)
        books.events.add(stray)
    close(api, JANUARY)
    assert held(api)[JANUARY] == Decimal("662.34")
    charge = {"originalChargeId": sold.charge("Prepayment").original_id}

    api.made(REGENERATE, charge)
    assert collect(api) == (1, 1, 0)
    api.made(REGENERATE, charge)

    assert held(api) == {
        JANUARY: Decimal("662.34"),
        FEBRUARY: Decimal("-50.00"),
        "Open-Ended": Decimal("387.66"),
    }
    assert notes(api, "RS-00000001")[0] == "-50.00 USD belong to Jan'2026, which is closed."
    assert events(api, "collectedAmount") == [(612.34,)]
    assert collect(api) == (0, 0, 0)
    with builders.writing(api) as books:
        assert list(audit_books(books, Counter())) == []


def test_u_53_a_stray_event_releases_no_more_than_the_price(api: Api, sold: builders.Sold) -> None:
    use(api, 90_000)
    use(api, 10_000, 20)
    stray_again(api)

    assert collect(api) == (2, 1, 0)
    assert held(api) == {JANUARY: Decimal("1000.00")}
    assert notes(api, "RS-00000001")[0] == (
        "No more revenue to be released: 100.00 USD are beyond the fund's price."
    )
    assert collect(api) == (0, 0, 0)
    del sold


def stray_again(api: Api) -> None:
    """Say once more what was said of January 20."""
    with builders.writing(api) as books:
        for event in books.events.list(transaction_date=date(2026, 1, 20)):
            books.events.add(replace(event, id=books.new_id()))


def test_each_fund_releases_its_own_price(api: Api, sold: builders.Sold) -> None:
    with builders.writing(api) as books:
        other = builders.account(books, number="A-2")
        builders.sell(books, other, builders.prepaid_plan(books, price=500), months=1)
    for account, first, second in (("A-1", 90_000, 10_000), ("A-2", 40_000, 60_000)):
        use(api, first, account=account)
        use(api, second, 20, account)
    stray_again(api)

    assert collect(api) == (4, 2, 0)
    assert held(api) == {JANUARY: Decimal("1000.00")}
    assert held(api, "RS-00000002") == {JANUARY: Decimal("500.00")}
    for number, surplus in (("RS-00000001", "100.00"), ("RS-00000002", "300.00")):
        assert notes(api, number)[0] == (
            f"No more revenue to be released: {surplus} USD are beyond the fund's price."
        )
    del sold


def test_expiring_says_how_many_funds_and_how_much(api: Api, sold: builders.Sold) -> None:
    del sold
    use(api, 61_234)

    answer = api.made(EXPIRE, {"throughDate": "2026-01-31"})

    assert answer == {
        "success": True,
        "expiredFundCount": 1,
        "breakage": [{"currency": "USD", "amount": 387.66}],
    }
    assert events(api, "type", "transactionDate", "dailyQuantity", "dailyAmount") == [
        ("Daily Rated Usage", "2026-01-10", 61_234, 612.34),
        ("Fund Expiry", "2026-01-31", 38_766, 387.66),
    ]
    ((ending, quantity),) = [
        (row["ending"], row["dailyTotalQuantity"])
        for row in api.found("/object-query/daily-consumption-summaries")["data"]
        if "ending" in row
    ]
    assert (ending, quantity) == ("EXPIRY", 38_766)
    assert api.made(EXPIRE, {"throughDate": "2026-01-31"})["expiredFundCount"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 50660022),
        ({"throughDate": None}, 50660022),
        ({"throughDate": "31.01.2026"}, 50660020),
        ({"throughDate": 20260131}, 50660020),
        ({"throughDate": "2026-03-15"}, 50660030),
    ],
)
def test_a_bad_day_has_its_category(api: Api, body: dict[str, Any], code: int) -> None:
    response = api.post(EXPIRE, body)

    assert response.status_code == 400
    assert response.json()["reasons"][0]["code"] == code


def test_a_close_expires_nothing_unless_it_is_told_to(api: Api, sold: builders.Sold) -> None:
    del sold
    use(api, 61_234)

    close(api, JANUARY)

    assert held(api)["Open-Ended"] == Decimal("387.66")


def test_a_close_expires_the_funds_that_end_in_it_and_collects_that(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    api.settings(auto_expire_funds=True)
    use(api, 61_234)

    close(api, JANUARY)

    assert held(api) == {JANUARY: Decimal("1000.00")}
    assert api.found("/v1/revenue-schedules/RS-00000001")["recognizedRevenue"] == 1000
    assert notes(api, "RS-00000001")[0] == "387.66 USD are breakage: units nobody used."


def test_usage_after_such_a_close_moves_nothing_that_is_closed(
    api: Api, sold: builders.Sold
) -> None:
    del sold
    api.settings(auto_expire_funds=True)
    close(api, JANUARY)

    use(api, 40_000, 20)
    close(api, FEBRUARY)

    assert held(api) == {JANUARY: Decimal("1000.00")}
    assert len(notes(api, "RS-00000001")) == 2
    assert events(api, "type", "dailyAmount", "collectedAmount") == [
        ("Daily Rated Usage", 400.0, 400.0),
        ("Fund Expiry", 600.0, 600.0),
    ]


def test_a_close_lets_later_funds_be(api: Api) -> None:
    api.settings(auto_expire_funds=True)
    with builders.writing(api) as books:
        define_months(books, 2026, 1, 2)
        customer = builders.account(books, number="A-1")
        builders.sell(books, customer, builders.prepaid_plan(books), months=2)

    close(api, JANUARY)

    funds = api.found("/object-query/prepaid-balance-funds?sort[]=startdate.ASC")["data"]
    assert [(fund["balance"], fund["expired"]) for fund in funds] == [(0, 100_000), (100_000, 0)]
    (balance,) = api.found("/object-query/prepaid-balances")["data"]
    assert (balance["balance"], balance["prepaidBalanceState"]) == (100_000, "ACTIVE")


def test_expired_balances_are_active_again_when_something_is_added(api: Api) -> None:
    with builders.writing(api) as books:
        customer = builders.account(books, number="A-1")
        sold = builders.sell(books, customer, builders.prepaid_plan(books), months=1)
    api.made(EXPIRE, {"throughDate": "2026-02-28"})
    (balance,) = api.found("/object-query/prepaid-balances")["data"]
    assert balance["prepaidBalanceState"] == "EXPIRED"

    assert sold.funds[0].last_day.isoformat() == "2026-01-31"
    use(api, 5, 20)
    ledger = api.found("/object-query/prepaid-balance-transactions")["data"]
    kinds = [(row["prepaidBalanceTransactionType"], row["amount"]) for row in ledger]
    assert kinds == [
        ("PREPAYMENT", 100_000),
        ("FUND_EXPIRY", -100_000),
        ("FUND_EXPIRY", 5),
        ("DRAWDOWN", -5),
    ]


FLOWS = ("accountingPeriodName", "opening", "additions", "recognizedByDrawdown", "breakage")


def roll_forward(api: Api) -> list[tuple[str, ...]]:
    """Return the flows of each period, credits and closing at the end."""
    return rows(api, ROLL_FORWARD, *FLOWS, "credits", "closing")


def test_r_t45_and_t52_the_roll_forward_tells_breakage_from_drawdown(api: Api) -> None:
    with builders.writing(api) as books:
        define_months(books, 2026, 1, 2)
        plan = builders.prepaid_plan(books, units=10_000, price=1200)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
    use(api, 3_333)
    close(api, JANUARY)
    # 0 + prepaid 1,200.00 - drawn 399.96 - breakage 0 - refund 0 = 800.04, what the fund has left.
    january = (JANUARY, "0.00", "1200.00", "399.96", "0.00", "0.00", "800.04")
    assert january in roll_forward(api)

    api.made(EXPIRE, {"throughDate": "2026-01-31"})
    close(api, FEBRUARY)

    assert roll_forward(api)[:2] == [
        january,
        (FEBRUARY, "800.04", "0.00", "0.00", "800.04", "0.00", "0.00"),
    ]


def test_u_15_the_roll_forward_tells_a_credit_from_revenue(api: Api) -> None:
    with builders.writing(api) as books:
        define_months(books, 2026, 1, 2)
        plan = builders.prepaid_plan(books, units=10_000, price=1200)
        sold = builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
    use(api, 3_333)
    close(api, JANUARY)
    with builders.writing(api) as books:
        command = CreditFund(fund_id=sold.funds[0].id, day=date(2026, 1, 20), credit_minor=30_000)
        credit_fund(books, command)
    close(api, FEBRUARY)

    # 300.00 of the 800.04 that were left are credited; the rest is earned for units nobody used.
    assert roll_forward(api)[:2] == [
        (JANUARY, "0.00", "1200.00", "399.96", "0.00", "0.00", "800.04"),
        (FEBRUARY, "800.04", "0.00", "0.00", "500.04", "300.00", "0.00"),
    ]
