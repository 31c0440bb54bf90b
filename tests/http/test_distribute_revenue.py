"""Distributing revenue by hand over the wire: R 2.4 and the scenarios of R 11."""

from typing import Any

import pytest

from earned.services.open_schedule import open_fund_schedules
from tests import builders
from tests.api import Api
from tests.builders import writing
from tests.http.by_hand import SCHEDULES, Charge, events, held, new_amounts, refusal
from tests.periods import close, define_months

RS = f"{SCHEDULES}/RS-00000001"
ACROSS = f"{RS}/distribute-revenue-across-accounting-periods"
ON_DATE = f"{RS}/distribute-revenue-on-specific-date"
TYPES = "/v1/settings/finance/revenue-event-types"
NEGATIVE = "The Open-Ended accounting period cannot have a negative amount."
SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = "Sep'2013", "Oct'2013", "Nov'2013", "Dec'2013"


@pytest.fixture
def charge(api: Api) -> Charge:
    """Sell a charge; the last four months of 2013 are defined."""
    with writing(api) as books:
        define_months(books, 2013, 9, 10, 11, 12)
    return Charge(api)


def across(api: Api, **spread: object) -> Any:
    """Give periods new amounts; return the answer."""
    body = {"revenueDistributions": new_amounts(spread)}
    response = api.put(ACROSS, body)
    assert response.status_code == 200, response.text
    return response.json()


def on(api: Api, kind: str, number: object, day: str = "2013-10-15", **more: object) -> Any:
    """Move revenue on a date by `fixed amount`, `percent total` or `percent undistributed`."""
    response = api.put(ON_DATE, moving(kind, number, day, **more))
    assert response.status_code == 200, response.text
    return response.json()


def moving(kind: str, number: object, day: str = "2013-10-15", **more: object) -> dict[str, object]:
    field = "amount" if kind == "fixed amount" else "percentage"
    kind = f"specific date (delta {kind})"
    return {"distributeOn": day, "distributionType": kind, field: number, **more}


def test_periods_get_new_amounts_and_the_event_says_what_changed(api: Api, charge: Charge) -> None:
    charge.created(spread={SEPTEMBER: 100, OCTOBER: 200})

    answer = across(api, **{OCTOBER: "150.00", NOVEMBER: "50"})

    assert answer == {"revenueEventNumber": "RE-00000002", "success": True}
    assert held(api) == {SEPTEMBER: 100, OCTOBER: 150, NOVEMBER: 50, "Open-Ended": 0}
    assert events(api) == [
        ("RE-00000001", {SEPTEMBER: 100, OCTOBER: 200}),
        ("RE-00000002", {OCTOBER: -50, NOVEMBER: 50}),
    ]
    event = api.found("/v1/revenue-events/RE-00000002")
    assert (event["eventType"], event["eventTypeSystemId"]) == (
        "Revenue Distributed",
        "RevenueDistributed__z",
    )
    assert event["recognitionStart"] is event["recognitionEnd"] is None


def test_r_t29_the_same_amounts_make_no_event(api: Api, charge: Charge) -> None:
    charge.created(spread={SEPTEMBER: 100, OCTOBER: 200})
    before = api.found(RS)

    assert across(api, **{SEPTEMBER: "100.00", OCTOBER: 200, "Open-Ended": 0}) == {"success": True}

    assert api.found(RS) == before
    assert len(events(api)) == 1
    charge.created(spread={SEPTEMBER: 300})
    assert [number for number, _ in events(api, "RS-00000002")] == ["RE-00000002"]


def test_r_t30_the_sample_of_a_redistribution(api: Api, charge: Charge) -> None:
    api.settings(allow_revenue_schedule_negative_amounts=True)
    charge.created(amount="50", spread={OCTOBER: "50"})

    across(api, **{OCTOBER: "60", "Open-Ended": "-10"})

    assert events(api) == [
        ("RE-00000001", {OCTOBER: 50}),
        ("RE-00000002", {OCTOBER: 10, "Open-Ended": -10}),
    ]
    found = api.found(RS)
    assert held(api) == {OCTOBER: 60, "Open-Ended": -10}
    assert found["amount"] == 50
    assert found["undistributedUnrecognizedRevenue"] == -10
    assert found["unrecognizedRevenue"] == 50


T27 = {"amount": "2000", "spread": {SEPTEMBER: "1500", "Open-Ended": "500"}}


@pytest.mark.parametrize(
    ("kind", "number", "moved"),
    [("percent undistributed", 10, 50), ("percent total", "10", 200), ("fixed amount", "120", 120)],
)
def test_r_t27_a_delta_on_a_date(
    api: Api, charge: Charge, kind: str, number: object, moved: int
) -> None:
    charge.created(**T27)

    assert on(api, kind, number) == {"revenueEventNumber": "RE-00000002", "success": True}

    assert held(api) == {SEPTEMBER: 1500, OCTOBER: moved, "Open-Ended": 500 - moved}
    assert events(api)[1] == ("RE-00000002", {OCTOBER: moved, "Open-Ended": -moved})


def test_r_t27_more_than_there_is_only_where_open_ended_may_be_negative(
    api: Api, charge: Charge
) -> None:
    charge.created(**T27)

    body = moving("fixed amount", "1000")
    assert refusal(api, "PUT", ON_DATE, body) == (50600030, NEGATIVE)
    assert held(api) == {SEPTEMBER: 1500, "Open-Ended": 500}

    api.settings(allow_revenue_schedule_negative_amounts=True)
    on(api, "fixed amount", "1000")
    assert held(api) == {SEPTEMBER: 1500, OCTOBER: 1000, "Open-Ended": -500}


def test_a_percentage_is_rounded_half_up(api: Api, charge: Charge) -> None:
    charge.created(amount="0.05")
    on(api, "percent total", 50)
    assert held(api) == {OCTOBER: 0.03, "Open-Ended": 0.02}
    on(api, "percent undistributed", 50, day="2013-11-01")
    assert held(api) == {OCTOBER: 0.03, NOVEMBER: 0.01, "Open-Ended": 0.01}
    assert on(api, "percent undistributed", "49.9", day="2013-12-01") == {"success": True}


def test_a_gift_is_redeemed_with_the_system_id_of_its_type_alone(api: Api, charge: Charge) -> None:
    """As a client of the wild sends it: a whole percentage, and no label."""
    own = {"eventType": "Gift redeemed", "eventTypeSystemId": "DigitalSubscriptionGiftRedeemed"}
    api.made(TYPES, own)
    charge.created()

    body = moving("percent undistributed", 100)
    del own["eventType"]
    assert api.put(ON_DATE, {**body, **own, "Why__c": {"a": 1}, "notes": "n"}).json()["success"]

    event = api.found("/v1/revenue-events/RE-00000002")
    assert event["eventType"] == "Gift redeemed"
    assert event["eventTypeSystemId"] == "DigitalSubscriptionGiftRedeemed"
    assert (event["notes"], event["Why__c"]) == ("n", {"a": 1})
    assert held(api) == {OCTOBER: 300, "Open-Ended": 0}


def test_the_event_may_come_in_an_object_of_its_own(api: Api, charge: Charge) -> None:
    charge.created()
    event = {"eventType": "Invoice Posted", "notes": "n", "Why__c": 7}
    parts = new_amounts({OCTOBER: 300, "Open-Ended": 0})

    response = api.put(ACROSS, {"revenueDistributions": parts, "revenueEvent": event})

    assert response.json()["revenueEventNumber"] == "RE-00000002"
    found = api.found("/v1/revenue-events/RE-00000002")
    assert (found["eventTypeSystemId"], found["notes"], found["Why__c"]) == (
        "InvoicePosted__z",
        "n",
        7,
    )


def test_a_closed_period_keeps_what_it_has(api: Api, charge: Charge) -> None:
    charge.created(spread={SEPTEMBER: 100, OCTOBER: 100, "Open-Ended": 100})
    with writing(api) as books:
        close(books, SEPTEMBER)

    closed = f"Revenue cannot be distributed into closed accounting period '{SEPTEMBER}'."
    body = {"revenueDistributions": new_amounts({SEPTEMBER: 100, OCTOBER: 200})}
    assert refusal(api, "PUT", ACROSS, body) == (50600030, closed)

    across(api, **{OCTOBER: "150", "Open-Ended": "50"})
    on(api, "fixed amount", 50, day="2013-09-15")
    assert held(api) == {SEPTEMBER: 100, OCTOBER: 200, "Open-Ended": 0}
    found = api.found(RS)
    assert (found["recognizedRevenue"], found["unrecognizedRevenue"]) == (100, 200)


def test_there_must_be_an_open_period_on_or_after_the_day(api: Api, charge: Charge) -> None:
    charge.created()
    message = "There is no open accounting period on or after 2014-01-01."
    body = moving("fixed amount", 1, day="2014-01-01")
    assert refusal(api, "PUT", ON_DATE, body) == (50600030, message)


JANUARY = {"name": "Jan'2014", "startDate": "2014-01-01", "endDate": "2014-01-31"}


@pytest.fixture
def over_new_year(api: Api, charge: Charge) -> None:
    """Spread 620.00 over the 62 days of December and of a January that is no period yet."""
    charge.created(amount="620")
    days = {"recognitionStart": "2013-12-01", "recognitionEnd": "2014-01-31"}
    assert api.put(f"{RS}/distribute-revenue-with-date-range", days).json()["success"]
    assert held(api) == {DECEMBER: 310, "Open-Ended": 310}


@pytest.mark.usefixtures("over_new_year")
def test_a_new_period_takes_its_share_though_others_were_changed_by_hand(api: Api) -> None:
    across(api, **{NOVEMBER: 100, DECEMBER: 210})
    api.made("/v1/accounting-periods", {**JANUARY, "fiscalYear": 2014})
    assert held(api) == {NOVEMBER: 100, DECEMBER: 210, "Jan'2014": 310, "Open-Ended": 0}


@pytest.mark.usefixtures("over_new_year")
def test_a_new_period_takes_nothing_of_what_was_changed_by_hand(api: Api) -> None:
    on(api, "fixed amount", 10, day="2013-11-15")
    api.made("/v1/accounting-periods", {**JANUARY, "fiscalYear": 2014})
    assert held(api) == {NOVEMBER: 10, DECEMBER: 310, "Open-Ended": 300}


def test_the_last_changed_schedule_comes_first(api: Api, charge: Charge) -> None:
    for _ in range(3):
        charge.created()
    across(api, **{OCTOBER: 300, "Open-Ended": 0})

    numbers = [one["number"] for one in api.found(charge.path)["revenueSchedules"]]
    assert numbers == ["RS-00000001", "RS-00000003", "RS-00000002"]


WRONG_TOTAL = (
    "The new amounts and those of the other accounting periods must add up to the amount of the "
    "revenue schedule."
)
TWICE = [*new_amounts({OCTOBER: 150}), *new_amounts({OCTOBER: 150})]
GIVEN_TWICE = f"Accounting period '{OCTOBER}' is given more than once."
ACROSS_FAULTS: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"revenueDistributions": None}, (22, "'revenueDistributions' may not be null")),
    ({"revenueDistributions": {}}, (20, "'revenueDistributions' value is invalid")),
    (
        {"revenueDistributions": TWICE},
        (30, f"Accounting period '{OCTOBER}' is given more than once."),
    ),
    (
        {"revenueDistributions": new_amounts({"Foo": 1})},
        (20, "Cannot find accounting period 'Foo'."),
    ),
    (
        {"revenueDistributions": new_amounts({OCTOBER: None})},
        (22, "'revenueDistributions.0.newAmount' may not be null"),
    ),
    (
        {"revenueDistributions": new_amounts({OCTOBER: "1.001"})},
        (20, "Allocation amount with wrong decimal places."),
    ),
    ({"revenueDistributions": new_amounts({OCTOBER: 1})}, (30, WRONG_TOTAL)),
    (
        {"revenueDistributions": new_amounts({OCTOBER: 301, "Open-Ended": -1})},
        (30, NEGATIVE),
    ),
    ({"revenueEvent": []}, (20, "'revenueEvent' value is invalid")),
    ({"eventType": "Foo"}, (20, "Cannot find revenue event type 'Foo'.")),
    ({"notes": "n" * 2001}, (20, "'notes' value should be at most 2000 characters")),
]


@pytest.mark.parametrize("place", range(len(ACROSS_FAULTS)))
def test_each_check_of_new_amounts_and_the_order_of_checks(
    api: Api, charge: Charge, place: int
) -> None:
    """Each fault is found alone, and before all later ones."""
    charge.created()
    sound = {"revenueDistributions": new_amounts({OCTOBER: 300, "Open-Ended": 0})}
    fault, (category, message) = ACROSS_FAULTS[place]
    later: dict[str, Any] = {}
    for more, _ in reversed(ACROSS_FAULTS[place:]):
        later |= more
    for body in ({**sound, **fault}, {**sound, **later}):
        assert refusal(api, "PUT", ACROSS, body) == (50600000 + category, message)
    assert len(events(api)) == 1


ONE_OF = (
    "'distributionType' value should be one of: specific date (delta fixed amount), "
    "specific date (delta percent total), specific date (delta percent undistributed)"
)
DATE_FAULTS: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"distributeOn": None}, (22, "'distributeOn' may not be null")),
    ({"distributeOn": "x"}, (20, "'distributeOn' value should be in yyyy-mm-dd format")),
    ({"distributionType": None}, (22, "'distributionType' may not be null")),
    (
        {"distributionType": "Daily Distribution"},
        (20, ONE_OF),
    ),
    ({"amount": None}, (22, "'amount' may not be null")),
    ({"amount": "1.001"}, (20, "Allocation amount with wrong decimal places.")),
    ({"amount": "301"}, (30, NEGATIVE)),
    ({"eventTypeSystemId": "Foo__z"}, (20, "Cannot find revenue event type 'Foo__z'.")),
    ({"notes": 7}, (20, "'notes' value is invalid")),
]


@pytest.mark.parametrize("place", range(len(DATE_FAULTS)))
def test_each_check_of_a_delta_and_the_order_of_checks(
    api: Api, charge: Charge, place: int
) -> None:
    charge.created()
    fault, (category, message) = DATE_FAULTS[place]
    later: dict[str, Any] = {}
    for more, _ in reversed(DATE_FAULTS[place:]):
        later |= more
    for body in ({**moving("fixed amount", 1), **fault}, {**moving("fixed amount", 1), **later}):
        assert refusal(api, "PUT", ON_DATE, body) == (50600000 + category, message)
    assert len(events(api)) == 1


@pytest.mark.parametrize("percentage", [None, -1, "100.1", "x"])
def test_a_percentage_is_between_0_and_100(api: Api, charge: Charge, percentage: object) -> None:
    charge.created()
    code, _ = refusal(api, "PUT", ON_DATE, moving("percent total", percentage))
    assert code in {50600022, 50600020}


def test_r_t49_nine_events_are_two_pages_the_newest_first(api: Api, charge: Charge) -> None:
    charge.created()
    for amount in range(1, 9):
        across(api, **{OCTOBER: amount, "Open-Ended": 300 - amount})

    path = "/v1/revenue-events/revenue-schedules/RS-00000001"
    first = api.found(path)
    numbers = [event["number"] for event in first["revenueEventDetails"]]
    assert numbers == [f"RE-0000000{n}" for n in range(9, 1, -1)]
    assert first["nextPage"] == f"http://testserver{path}?page=2&pageSize=8"
    second = api.found(f"{path}?page=2&pageSize=8")
    assert [event["number"] for event in second["revenueEventDetails"]] == ["RE-00000001"]
    assert "nextPage" not in second


def test_items_come_in_pages_of_300_or_as_asked(api: Api, charge: Charge) -> None:
    charge.created(spread={SEPTEMBER: 1, OCTOBER: 2, NOVEMBER: 3, DECEMBER: 294})
    number = api.found(f"/v1/charge-revenue-summaries/subscription-charges/{charge.charge.id}")
    for path in (
        "/v1/revenue-items/revenue-schedules/RS-00000001",
        "/v1/revenue-items/revenue-events/RE-00000001",
        f"/v1/revenue-items/charge-revenue-summaries/{number['number']}",
    ):
        first = api.found(f"{path}?pageSize=3")
        assert [item["amount"] for item in first["revenueItems"]] == [1, 2, 3]
        assert first["nextPage"] == f"http://testserver{path}?page=2&pageSize=3"
        second = api.found(f"{path}?page=2&pageSize=3")["revenueItems"]
        assert second[0]["accountingPeriodName"] == DECEMBER
        assert "nextPage" not in api.found(path)


def test_an_unknown_schedule_is_not_found(api: Api) -> None:
    message = "Cannot find entity by key: 'RS-00000001'."
    for path in (ACROSS, ON_DATE):
        assert refusal(api, "PUT", path, {}) == (50000040, message)


def test_the_schedule_of_a_fund_is_left_to_collecting(api: Api) -> None:
    with writing(api) as books:
        define_months(books, 2026, 1)
        sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=1)
        fund = sold.funds[0]
        if books.schedules.find(fund_id=fund.id) is None:
            open_fund_schedules(books, [(fund, sold.charge("Prepayment"))])

    message = (
        "Revenue schedule RS-00000001 is kept by collecting revenue events and cannot be "
        "distributed by hand."
    )
    for path in (ACROSS, ON_DATE):
        assert refusal(api, "PUT", path, {}) == (50600030, message)
