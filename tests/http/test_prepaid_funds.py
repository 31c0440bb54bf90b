"""Rolling over by hand and taking it back, depleting: over the wire (U 2.13, 2.14)."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from earned.bootstrap.regenerating import regenerate_all
from earned.domain.exact import plain
from earned.domain.permissions import Permission
from earned.services.audit_books import audit_books
from earned.services.collect_revenue import collect_revenue
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    Regenerated,
    rebuild_consumption,
    restore_consumption,
)
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, Api, serving, sign_in
from tests.http.closed import without
from tests.periods import define_months

ROLL, BACK = "/v1/ppdd/rollover", "/v1/ppdd/reverse-rollover"
DEPLETE = "/v1/prepaid-balance-funds/deplete"
JANUARY = {"startDate": "2026-01-01", "endDate": "2026-02-01"}
FEBRUARY = {"startDate": "2026-02-01", "endDate": "2026-03-01"}
MARCH = {"startDate": "2026-03-01", "endDate": "2026-04-01"}
DEPLETED = "The fund object is depleted."


@pytest.fixture
def api(founded_database_url: str) -> Iterator[Api]:
    """Lend a client of books in which nothing is broken after, and nothing to regenerate."""
    with serving(founded_database_url) as client:
        with builders.writing(client) as books:
            define_months(books, 2026, 1, 2, 3)
        yield client
        with builders.writing(client) as books:
            assert list(audit_books(books, Counter())) == []
            for charge_id in {fund.source_id for fund in books.funds.list()}:
                command = RegenerateConsumption(original_charge_id=charge_id)
                rebuilt = rebuild_consumption(books, command)
                assert restore_consumption(books, rebuilt) == Regenerated()


def sell(api: Api, units: int = 1000, price: int = 100, **terms: Any) -> builders.Sold:
    """Sell three months of 1,000 tokens for 100.00 USD, overage for 1.00 each."""
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan, units=units, price=price, **terms)
        builders.drawdown_charge(books, plan, price=1)
        customer = builders.account(books, number="A-1")
        return builders.sell(books, customer, plan, months=3)


def use(api: Api, day: str, quantity: int) -> None:
    record = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": day}
    api.made("/v1/object/usage", {**record, "Quantity": quantity})


def rolling(source: Any, destination: Any, **more: Any) -> dict[str, Any]:
    return {
        "subscriptionNumber": "A-S00000001",
        "prepaymentUom": "Token",
        "sourceValidityPeriod": source,
        "destinationValidityPeriod": destination,
        **more,
    }


def periods(api: Api) -> list[tuple[str, str]]:
    """Return the total of each validity period and what remains of it."""
    with builders.writing(api) as books:
        rows = books.validity_periods.list(order_by=["start_date"])
    return [(plain(row.total_balance), plain(row.remaining_balance)) for row in rows]


def events(api: Api) -> list[tuple[str, str, str, int | None]]:
    with builders.writing(api) as books:
        rows = books.events.list(order_by=["transaction_date", "event_type"])
    return [
        (row.event_type.value, str(row.transaction_date), plain(row.quantity), row.amount_minor)
        for row in rows
    ]


def deferred(api: Api) -> int:
    """Return what collecting leaves in Open-Ended of all schedules."""
    with builders.writing(api) as books:
        collect_revenue(books)
        rest = books.periods.find(name="Open-Ended")
        assert rest
        return sum(item.amount_minor for item in books.items.list(period_id=rest.id))


def test_a_rollover_by_hand_and_taking_it_back(api: Api) -> None:
    sell(api)
    use(api, "2026-01-10", 800)
    before = periods(api)

    answer = api.post(ROLL, rolling(JANUARY, FEBRUARY, priority="ApplyLast"))

    assert answer.json() == {"success": True, "message": "Rollover is done", "rolloverFundCount": 1}
    assert periods(api) == [("1000", "0"), ("1200", "1200"), ("1000", "1000")]
    (fund,) = api.found("/object-query/prepaid-balance-funds?filter[]=rollovercount.GT:0")["data"]
    assert (fund["balance"], fund["fundedBalance"], fund["fundingPrice"]) == (200, 200, 20)
    assert (fund["rolloverApplyOption"], fund["priority"]) == ("ApplyLast", 100)
    assert deferred(api) == 22_000
    again = api.made(ROLL, rolling(FEBRUARY, MARCH, priority="ApplyFirst"))
    assert again["rolloverFundCount"] == 2
    assert api.made(BACK, rolling(MARCH, FEBRUARY))["reverseRolloverFundCount"] == 2

    back = api.post(BACK, rolling(FEBRUARY, JANUARY))

    message = "Reverse rollover is done"
    assert back.json() == {"success": True, "message": message, "reverseRolloverFundCount": 1}
    assert periods(api) == before
    assert deferred(api) == 22_000
    assert api.made(BACK, rolling(FEBRUARY, JANUARY))["reverseRolloverFundCount"] == 0
    assert events(api)[:2] == [
        ("Daily Rated Usage", "2026-01-10", "800", 8000),
        ("FundRollover", "2026-01-31", "0", None),
    ]
    use(api, "2026-01-20", 200)
    assert ("Daily Rated Usage", "2026-01-20", "200", 2000) in events(api)


def test_both_funds_of_a_rollover_show_units_and_price(api: Api) -> None:
    sell(api)
    use(api, "2026-01-10", 800)
    api.made(ROLL, rolling(JANUARY, FEBRUARY, priority="ApplyLast"))

    (fund,) = api.found("/object-query/prepaid-balance-funds?filter[]=rollovercount.GT:0")["data"]
    assert fund["rolloverValidityPeriodStartDate"] == "2026-02-01"
    assert fund["rolloverValidityPeriodEndDate"] == "2026-03-01"
    source = api.found(f"/object-query/prepaid-balance-funds/{fund['originFundId']}")
    assert (source["fundingPrice"], source["originalFundingPrice"]) == (80, 100)
    assert (source["rolledOver"], source["rolledAmount"]) == (200, 20)
    (balance,) = api.found("/v1/accounts/A-1/prepaid-balances")["balances"]
    prices = [
        [(one["fundingPrice"], one["originalFundingPrice"]) for one in period["funds"]]
        for period in balance["validityPeriods"]
    ]
    assert [sorted(some) for some in prices] == [[(80, 100)], [(20, 20), (100, 100)], [(100, 100)]]


def test_what_was_used_after_a_rollover_keeps_it_from_being_taken_back(api: Api) -> None:
    sell(api)
    api.made(ROLL, rolling(JANUARY, FEBRUARY, priority="ApplyFirst"))
    use(api, "2026-02-10", 1)

    refused = api.post(BACK, rolling(FEBRUARY, JANUARY))

    assert refused.status_code == 400
    assert refused.json()["reasons"] == [
        {
            "code": 50450030,
            "message": "What rolled over has been used, has rolled on or has expired.",
        }
    ]


def test_what_rolled_twice_out_of_a_fund_goes_back_together(api: Api) -> None:
    sell(api, units=3, price=10)
    use(api, "2026-01-05", 2)
    api.made(ROLL, rolling(JANUARY, FEBRUARY, priority="ApplyFirst"))
    use(api, "2026-01-05", -1)
    api.made(ROLL, rolling(JANUARY, FEBRUARY, priority="ApplyFirst"))
    assert periods(api) == [("3", "0"), ("5", "5"), ("3", "3")]

    assert api.made(BACK, rolling(FEBRUARY, JANUARY))["reverseRolloverFundCount"] == 2

    assert periods(api) == [("3", "2"), ("3", "3"), ("3", "3")]


UNWELCOME: tuple[tuple[Any, int, str], ...] = (
    ({}, 50450022, "'priority' may not be null"),
    (rolling(JANUARY, FEBRUARY, priority="First"), 50450020, "should be ApplyFirst or"),
    (rolling(None, FEBRUARY, priority="ApplyFirst"), 50450022, "'sourceValidityPeriod' may"),
    (rolling(1, FEBRUARY, priority="ApplyFirst"), 50450020, "value is invalid"),
    (
        rolling({"startDate": "2026"}, FEBRUARY, priority="ApplyFirst"),
        50450020,
        "'sourceValidityPeriod.startDate' value should be in yyyy-mm-dd format",
    ),
    (rolling(JANUARY, MARCH, priority="ApplyFirst"), 50450030, "should be adjacent"),
    (rolling(FEBRUARY, JANUARY, priority="ApplyFirst"), 50450030, "should be adjacent"),
    (
        rolling(MARCH, {**MARCH, "endDate": "2026-05-01"}, priority="ApplyFirst"),
        50000040,
        "has no validity period from 2026-03-01 to 2026-05-01",
    ),
    (
        {**rolling(JANUARY, FEBRUARY, priority="ApplyFirst"), "prepaymentUom": "Hour"},
        50000040,
        "has no prepaid balance in 'Hour'",
    ),
    (
        {**rolling(JANUARY, FEBRUARY, priority="ApplyFirst"), "subscriptionNumber": "A-S9"},
        50000040,
        "Cannot find entity by key: 'A-S9'.",
    ),
)


def test_a_rollover_that_cannot_be(api: Api) -> None:
    sell(api)

    for body, code, message in UNWELCOME:
        refused = api.post(ROLL, body).json()

        assert refused["success"] is False
        assert (refused["reasons"][0]["code"], body) == (code, body)
        assert message in refused["reasons"][0]["message"]


def test_charges_that_roll_over_by_themselves_are_not_rolled_by_hand(api: Api) -> None:
    sell(api, is_rollover=True, rollover_apply="ApplyFirst", rollover_periods=1)

    for refused in (
        api.post(ROLL, rolling(JANUARY, FEBRUARY, priority="ApplyFirst")),
        api.post(BACK, rolling(FEBRUARY, JANUARY)),
    ):
        assert refused.json()["reasons"] == [
            {"code": 50450030, "message": "The charge C-00000001 rolls over by itself."}
        ]


def test_u_25_what_is_left_is_depleted_and_earned_on_the_last_day(api: Api) -> None:
    sold = sell(api)
    use(api, "2026-01-10", 900)
    fund_id = sold.funds[0].id

    answer = api.post(DEPLETE, {"fundIds": [fund_id, "f" * 32, sold.funds[1].id]})

    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "fundIds": [
            {
                "fundId": fund_id,
                "status": "success",
                "message": DEPLETED,
                "depleteDate": "2026-01-31",
            },
            {
                "fundId": "f" * 32,
                "status": "failed",
                "message": f"Cannot find entity by key: '{'f' * 32}'.",
            },
            {
                "fundId": sold.funds[1].id,
                "status": "success",
                "message": DEPLETED,
                "depleteDate": "2026-02-28",
            },
        ],
    }
    assert events(api)[:2] == [
        ("Daily Rated Usage", "2026-01-10", "900", 9000),
        ("Fund Expiry", "2026-01-31", "100", 1000),
    ]
    fund = api.found(f"/object-query/prepaid-balance-funds/{fund_id}")
    shown = {name: fund[name] for name in ("balance", "expired", "depleted", "done")}
    assert shown == {"balance": 0, "expired": 100, "depleted": 100, "done": 1}
    assert [remaining for _, remaining in periods(api)] == ["0", "0", "1000"]
    use(api, "2026-01-20", 5)
    assert events(api)[1] == ("Unbilled Usage", "2026-01-20", "5", 500)
    use(api, "2026-01-10", -10)
    assert ("Fund Expiry", "2026-01-31", "110", 1100) in events(api)


def test_u_24_two_of_seven_units_are_depleted_on_the_last_day(api: Api) -> None:
    sold = sell(api, units=7)
    use(api, "2026-01-03", 2)
    use(api, "2026-01-09", 3)

    api.made(DEPLETE, {"fundIds": [sold.funds[0].id]})

    assert [event[1:] for event in events(api)] == [
        ("2026-01-03", "2", 2857),
        ("2026-01-09", "3", 4286),
        ("2026-01-31", "2", 2857),
    ]


def test_a_fund_is_depleted_in_part_and_goes_on(api: Api) -> None:
    fund_id = sell(api).funds[0].id
    use(api, "2026-01-10", 100)
    part = {"fundId": fund_id, "depleteQuantity": 300, "depleteDate": "2026-01-12"}

    done = api.made(DEPLETE, {"depleteOptions": [part]})["fundIds"]

    assert done[0]["depleteDate"] == "2026-01-12"
    use(api, "2026-01-11", 600)
    use(api, "2026-01-20", 1)
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "100", 1000),
        ("Daily Rated Usage", "2026-01-11", "600", 6000),
        ("Fund Expiry", "2026-01-12", "300", 3000),
        ("Unbilled Usage", "2026-01-20", "1", 100),
    ]
    with builders.writing(api) as books:
        (fund,) = books.funds.list(id=fund_id)
        assert (fund.expired, fund.depleted, fund.done) == (Decimal(300), Decimal(300), False)


def test_what_was_depleted_stays_so_when_the_rest_expires(api: Api) -> None:
    fund_id = sell(api).funds[0].id
    api.made(DEPLETE, {"depleteOptions": [{"fundId": fund_id, "depleteQuantity": 400}]})
    api.clock.now = api.clock.now.replace(month=2)
    api.headers |= sign_in(api.http, CLIENT_ID, CLIENT_SECRET)
    api.made("/v1/revenue/expire-funds", {"throughDate": "2026-01-31"})

    use(api, "2026-01-20", 700)

    assert events(api) == [
        ("Daily Rated Usage", "2026-01-20", "600", 6000),
        ("Unbilled Usage", "2026-01-20", "100", 10_000),
        ("Fund Expiry", "2026-01-31", "400", 4000),
    ]


def test_u_2_14_what_is_wrong_with_a_fund_fails_that_one_alone(api: Api) -> None:
    sold = sell(api)
    use(api, "2026-01-10", 900)
    january, february, march = (fund.id for fund in sold.funds)
    api.made(DEPLETE, {"fundIds": [march]})
    asked = [
        {"fundId": january, "depleteQuantity": 101},
        {"fundId": february, "depleteAmount": 1},
        {"fundId": march},
    ]

    failed = api.made(DEPLETE, {"depleteOptions": asked})["fundIds"]

    assert [(one["status"], one["message"]) for one in failed] == [
        ("failed", "The fund has less than that."),
        ("failed", "'depleteAmount' is only for currency funds."),
        ("failed", "The balance of the fund is zero."),
    ]
    for day in ("2026-01-09", "2026-02-01"):
        option = {"fundId": january, "depleteDate": day}
        (one,) = api.made(DEPLETE, {"depleteOptions": [option]})["fundIds"]
        assert one["message"] == "The deplete date should be from 2026-01-10 to 2026-01-31."


def test_u_2_14_a_request_that_cannot_be_read_is_refused_as_a_whole(api: Api) -> None:
    refused = api.post(DEPLETE, {"fundIds": ["a"], "more": 1})

    assert (refused.status_code, refused.json()["reasons"][0]["code"]) == (400, 50450021)


def test_regenerating_all_charges_brings_rollovers_and_depletions_back(api: Api) -> None:
    sold = sell(api)
    use(api, "2026-01-10", 800)
    use(api, "2026-02-10", 1)
    api.made(ROLL, rolling(JANUARY, FEBRUARY, priority="ApplyFirst"))
    api.made(DEPLETE, {"fundIds": [sold.funds[1].id]})
    with builders.writing(api) as books:
        scope = books.scope
        days = books.consumption.list(order_by=["id"])
        told = books.events.list(order_by=["id"])
        for event in told:
            books.events.remove(event)
        for day in days:
            books.consumption.remove(day)

    done = regenerate_all(api.application, scope)

    assert done.done.inserted == len(days)
    with builders.writing(api) as books:
        assert books.consumption.list(order_by=["id"]) == days
        assert books.events.list(order_by=["id"]) == told


def test_money_is_depleted_by_amount_and_not_beside_units(api: Api) -> None:
    units = sell(api).funds[0].id
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        terms: dict[str, Any] = {"commitment_type": "CURRENCY", "prepaid_uom": None}
        builders.prepayment_charge(books, plan, units=100, price=90, **terms)
        customer = builders.account(books, number="A-2")
        money = builders.sell(books, customer, plan, months=1).funds[0].id
    part = {"fundId": money, "depleteAmount": "40.5"}

    mixed = api.post(DEPLETE, {"depleteOptions": [part, {"fundId": units}]})

    assert mixed.json()["reasons"][0]["message"] == (
        "Currency funds and unit funds cannot be depleted in one request."
    )
    wrong = {"fundId": money, "depleteQuantity": 1}
    (failed,) = api.made(DEPLETE, {"depleteOptions": [wrong]})["fundIds"]
    assert failed["message"] == "'depleteQuantity' is only for unit funds."
    api.made(DEPLETE, {"depleteOptions": [part]})
    assert events(api) == [("Fund Expiry", "2026-01-31", "40.5", 3645)]


def test_the_balance_has_expired_when_all_its_funds_are_depleted(api: Api) -> None:
    sold = sell(api)

    api.made(DEPLETE, {"fundIds": [fund.id for fund in sold.funds]})

    (balance,) = api.found("/object-query/prepaid-balances")["data"]
    assert (balance["prepaidBalanceState"], balance["balance"]) == ("EXPIRED", 0)


def test_depleting_takes_a_permission(api: Api) -> None:
    sold = sell(api)
    token = without(api, Permission.DEPLETE_FUNDS)

    refused = api.post(DEPLETE, {"fundIds": [sold.funds[0].id]}, **token)

    assert refused.status_code == 403
    assert refused.json()["reasons"] == [
        {"code": 50450010, "message": "You need the permission Deplete Funds."}
    ]
