"""The rule of a charge, and the day from which billing makes schedules, over the wire."""

from typing import Any

import pytest

from tests import builders
from tests.api import Api
from tests.periods import define_months

RULES = "/v1/revenue-recognition-rules"
START_DATE = "/v1/settings/finance/revenue-automation-start-date"


@pytest.mark.parametrize("rule", ["Recognize daily over time", None])
def test_a_charge_tells_its_rule(api: Api, rule: str | None) -> None:
    with builders.writing(api) as books:
        plan = builders.rate_plan(books)
        offered = builders.charge(books, plan, revenue_recognition_rule_name=rule)
        sold = builders.sell(books, builders.account(books), plan).charge("Fee")

    answer = {"revenueRecognitionRuleName": rule, "success": True}
    for key in (sold.id, sold.number, sold.original_id):
        assert api.found(f"{RULES}/subscription-charges/{key}") == answer
    for key in (offered.id, offered.number):
        assert api.found(f"{RULES}/product-charges/{key}") == answer


@pytest.mark.parametrize("kind", ["subscription-charges", "product-charges"])
def test_an_unknown_charge_has_no_rule(api: Api, kind: str) -> None:
    answer = api.get(f"{RULES}/{kind}/nobody")

    assert answer.status_code == 404
    assert answer.json()["reasons"] == [
        {"code": 50000040, "message": "Cannot find entity by key: 'nobody'."}
    ]


def refused(answer: Any) -> tuple[int, str]:
    (reason,) = answer.json()["reasons"]
    return reason["code"], reason["message"]


def test_the_start_date_is_nothing_until_it_is_set(api: Api) -> None:
    assert api.found(START_DATE) == {
        "startDate": None,
        "updatedBy": None,
        "updatedOn": None,
        "success": True,
    }


def test_the_start_date_is_the_first_day_of_a_period_and_tells_who_set_it_when(api: Api) -> None:
    api.settings(time_zone="America/New_York")
    with builders.writing(api) as books:
        define_months(books, 2026, 1, 2)
    for day in ("2026-02-01", "2026-01-01"):
        assert api.put(START_DATE, {"startDate": day}).json() == {"success": True}
        found = api.found(START_DATE)
        assert found.pop("updatedBy")
        assert found == {"startDate": day, "updatedOn": "2026-01-15 07:00:00", "success": True}

    with builders.writing(api) as books:
        told = books.audit.list(object_type="RevenueAutomation", order_by=["at"])
        assert [entry.detail for entry in told] == [
            {"startDate": "2026-02-01", "was": None},
            {"startDate": "2026-01-01", "was": "2026-02-01"},
        ]


@pytest.mark.parametrize("day", ["2026-01-02", "2026-01-31", "2026-02-01", "2025-12-31"])
def test_another_day_is_refused(api: Api, day: str) -> None:
    with builders.writing(api) as books:
        define_months(books, 2026, 1)

    assert refused(api.put(START_DATE, {"startDate": day})) == (
        50640030,
        "The revenue automation start date must be the first day of an accounting period.",
    )
    assert api.found(START_DATE)["startDate"] is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (50640022, "'startDate' may not be null")),
        ({"startDate": None}, (50640022, "'startDate' may not be null")),
        (
            {"startDate": "January"},
            (50640020, "'startDate' value should be in yyyy-mm-dd format"),
        ),
    ],
)
def test_what_is_no_day_is_refused(
    api: Api, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refused(api.put(START_DATE, body)) == expected
