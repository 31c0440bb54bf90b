"""The eighteen checks of a new revenue schedule, one after the other (R 2.9)."""

from typing import Any

from httpx2 import Response

from tests.api import Api
from tests.builders import writing
from tests.http.by_hand import Charge, new_amounts
from tests.http.test_revenue_schedules import ONLY_UNLIMITED, WRONG_DECIMALS, WRONG_SUM, stored
from tests.periods import close, define_months

PATH = "/v1/revenue-schedules/subscription-charges"
UNKNOWN = "402892793e173340013e173b81000012"
DISTRIBUTIONS = "revenueDistributions"
MANY = [*new_amounts({f"Month {place}": "1" for place in range(251)})]
SOUND_EVENT = {"eventType": "Revenue Distributed", "eventTypeSystemId": "RevenueDistributed__z"}

# Every field is wrong, in the first of the ways in which it will be.
WRONG: dict[str, Any] = {
    "amount": None,
    "revenueScheduleDate": None,
    DISTRIBUTIONS: MANY,
    "revenueEvent": {"eventType": "Revenue Distributed"},
    "overrideChargeAccountingCodes": True,
    "notes": "n" * 2001,
    "referenceId": "r" * 101,
}

# Row, category and message of the refusal, and what is mended then.
STEPS: list[tuple[int, int, str, dict[str, Any]]] = [
    (5, 22, "'amount' may not be null", {"amount": "ten"}),
    (6, 20, "'amount' value is invalid", {"amount": "300.001"}),
    (7, 20, WRONG_DECIMALS, {"amount": "300"}),
    (8, 22, "'revenueScheduleDate' may not be null", {"revenueScheduleDate": "1.2.2013"}),
    (
        8,
        20,
        "'revenueScheduleDate' value should be in yyyy-mm-dd format",
        {"revenueScheduleDate": "2013-01-31"},
    ),
    (
        9,
        30,
        "Revenue schedule date cannot be in a closed accounting period.",
        {"revenueScheduleDate": "2013-02-01"},
    ),
    (
        10,
        30,
        "Revenue can be distributed into a maximum of 250 accounting periods.",
        {DISTRIBUTIONS: new_amounts({"Foo": "x"}) * 2},
    ),
    (
        10,
        30,
        "Accounting period 'Foo' is given more than once.",
        {DISTRIBUTIONS: new_amounts({"Jan'2013": "x", "Foo": "x"})},
    ),
    (
        11,
        20,
        "Cannot find accounting period 'Foo'.",
        {DISTRIBUTIONS: new_amounts({"Jan'2013": "1.001", "Feb'2013": "x"})},
    ),
    (
        12,
        30,
        "Revenue cannot be distributed into closed accounting period 'Jan'2013'.",
        {DISTRIBUTIONS: new_amounts({"Feb'2013": "1.001"})},
    ),
    (13, 20, WRONG_DECIMALS, {DISTRIBUTIONS: new_amounts({"Feb'2013": "1"})}),
    (14, 30, WRONG_SUM, {DISTRIBUTIONS: new_amounts({"Feb'2013": "300"})}),
    (15, 22, "'revenueEvent.eventTypeSystemId' may not be null", {"revenueEvent": SOUND_EVENT}),
    (
        16,
        22,
        "'recognizedRevenueAccountingCode' may not be null",
        {"overrideChargeAccountingCodes": False},
    ),
    (17, 20, "'notes' value should be at most 2000 characters", {"notes": "n"}),
    (17, 20, "'referenceId' value should be at most 100 characters", {"referenceId": "r"}),
    (
        18,
        30,
        "A maximum of 3,000 revenue schedules can be created for a subscription charge.",
        {},
    ),
]


def test_r2_9_each_of_the_eighteen_checks_comes_before_the_later_ones(api: Api) -> None:
    with writing(api) as books:
        define_months(books, 2013, 1, 2)
        close(books, "Jan'2013")
    charge = Charge(api)
    with writing(api) as books:
        books.schedules.add_all([stored(books, charge, number) for number in range(3000)])
    other = Charge(api, revenue_recognition_rule_name="Recognize upon invoicing")
    unknown, malformed = f"{PATH}/{UNKNOWN}", b'{"amount": '

    unsigned = api.http.post(unknown, content=malformed, headers={"Zuora-Version": "2025-08-12"})
    assert refused(unsigned) == (
        *(401, 90000011),
        "this resource is protected, please sign in first",
    )
    headers = {**api.headers, "Content-Type": "application/json"}
    status, code, message = refused(api.http.post(unknown, content=malformed, headers=headers))
    assert (status, code % 100, message[:17]) == (400, 90, "Malformed request")
    assert refused(api.post(unknown, WRONG)) == (
        *(404, 50000040),
        f"Cannot find entity by key: '{UNKNOWN}'.",
    )
    assert refused(api.post(other.path, WRONG)) == (400, 50600030, ONLY_UNLIMITED)
    body = dict(WRONG)
    for row, category, message, mended in STEPS:
        assert refused(api.post(charge.path, body)) == (400, 50600000 + category, message), row
        body |= mended


def refused(response: Response) -> tuple[int, int, str]:
    (reason,) = response.json()["reasons"]
    return response.status_code, reason["code"], reason["message"]
