"""Charge revenue summaries, and the schedules of product charges: R 2.6."""

from typing import Any

import pytest

from earned.domain.schedule import LinkedType, RevenueSchedule
from earned.domain.scheduling import REVENUE_DISTRIBUTED
from earned.services.add_distributions import NewDistribution
from earned.services.open_schedule import open_schedule
from tests import builders
from tests.api import Api
from tests.builders import writing
from tests.http.by_hand import Charge, refusal
from tests.periods import close, define_months

SUMMARIES = "/v1/charge-revenue-summaries"
SEPTEMBER, OCTOBER = "Sep'2013", "Oct'2013"


@pytest.fixture
def charge(api: Api) -> Charge:
    with writing(api) as books:
        define_months(books, 2013, 9, 10)
    return Charge(api)


@pytest.fixture
def summary(charge: Charge) -> str:
    """Make the three schedules of T32; return the path of the charge's summary."""
    charge.created(amount=50, spread={OCTOBER: 50})
    charge.created(amount=35, spread={SEPTEMBER: 35})
    charge.created(amount=150)
    return f"{SUMMARIES}/CRS-{charge.charge.number.removeprefix('C-')}"


def amounts(items: Any) -> list[tuple[str, float]]:
    return [(item["accountingPeriodName"], item["amount"]) for item in items]


def test_r_t32_a_summary_adds_up_the_schedules_of_a_charge(
    api: Api, charge: Charge, summary: str
) -> None:
    found = api.found(summary)

    assert found == {
        "number": summary.rpartition("/")[2],
        "accountId": charge.charge.account_id,
        "subscriptionId": charge.charge.original_subscription_id,
        "subscriptionChargeId": charge.charge.original_id,
        "recognitionRuleName": "Custom - Unlimited recognition",
        "amount": 235,
        "undistributedUnrecognizedRevenue": 150,
        "recognizedRevenue": 0,
        "unrecognizedRevenue": 235,
        "currency": "USD",
        "notes": None,
        "revenueItems": found["revenueItems"],
        "success": True,
    }
    assert amounts(found["revenueItems"]) == [
        (SEPTEMBER, 35),
        (OCTOBER, 50),
        ("Open-Ended", 150),
    ]
    assert found["revenueItems"][0] == {
        "accountingPeriodName": SEPTEMBER,
        "accountingPeriodStartDate": "2013-09-01",
        "accountingPeriodEndDate": "2013-09-30",
        "amount": 35,
        "currency": "USD",
        "isAccountingPeriodClosed": False,
    }


def test_a_summary_goes_by_its_number_or_by_the_charge(
    api: Api, charge: Charge, summary: str
) -> None:
    found = api.found(summary)
    assert api.found(summary.lower()) == found
    for key in (charge.charge.id, charge.charge.original_id, charge.charge.number):
        assert api.found(f"{SUMMARIES}/subscription-charges/{key}") == found
    number = summary.rpartition("/")[2]
    items = f"/v1/revenue-items/charge-revenue-summaries/{number}"
    assert api.found(items) == {"revenueItems": found["revenueItems"], "success": True}


def test_what_is_closed_is_recognized_and_what_is_deleted_does_not_count(
    api: Api, summary: str
) -> None:
    with writing(api) as books:
        close(books, SEPTEMBER)
    assert api.delete("/v1/revenue-schedules/RS-00000003").json() == {"success": True}

    found = api.found(summary)
    assert (found["amount"], found["recognizedRevenue"], found["unrecognizedRevenue"]) == (
        85,
        35,
        50,
    )
    assert amounts(found["revenueItems"]) == [(SEPTEMBER, 35), (OCTOBER, 50), ("Open-Ended", 0)]


def test_there_is_no_summary_of_a_charge_without_schedules(api: Api, charge: Charge) -> None:
    number = f"CRS-{charge.charge.number.removeprefix('C-')}"
    for key in (number, "CRS-00000404", "RS-00000001", "CRS-"):
        expected = (50000040, f"Cannot find entity by key: '{key}'.")
        assert refusal(api, "GET", f"{SUMMARIES}/{key}") == expected
        assert refusal(api, "GET", f"/v1/revenue-items/charge-revenue-summaries/{key}") == expected
    path = f"{SUMMARIES}/subscription-charges/{charge.charge.id}"
    assert refusal(api, "GET", path)[0] == 50000040


class Memos:
    """Schedules of a charge of the catalog, as memo items make them."""

    def __init__(self, api: Api) -> None:
        self.api = api
        with writing(api) as books:
            (self.rest,) = books.periods.list(name="Open-Ended")
            plan = builders.rate_plan(books)
            self.charge = builders.unlimited_charge(books, plan)
            self.account = builders.account(books)

    @property
    def path(self) -> str:
        return f"/v1/revenue-schedules/product-charges/{self.charge.id}/{self.account.id}"

    def made(self, minor: int, item: str, **changes: Any) -> None:
        with writing(self.api) as books:
            facts: dict[str, Any] = {
                "id": books.new_id(),
                "entity_id": books.scope.entity_id,
                "number": f"RS-{item}",
                "account_id": self.account.id,
                "original_subscription_id": None,
                "charge_id": None,
                "product_charge_id": self.charge.id,
                "amount_minor": minor,
                "currency": "USD",
                "rule_name": "Recognize upon invoicing",
                "schedule_date": books.today(),
                "linked_type": LinkedType.CREDIT_MEMO_ITEM,
                "linked_id": item,
                "linked_number": f"CM-{item}",
                **books.stamp(),
            }
            schedule = RevenueSchedule(**{**facts, **changes})
            first = NewDistribution(amounts_minor={self.rest.id: minor}, type=REVENUE_DISTRIBUTED)
            open_schedule(books, schedule, first)


def test_amounts_of_product_charges_are_strings(api: Api) -> None:
    memos = Memos(api)
    memos.made(-2550, "1", custom_fields={"Rate__c": 1})

    (found,) = api.found(memos.path)["revenueSchedules"]
    (item,) = found["revenueItems"]
    assert found["productChargeId"] == memos.charge.id
    assert "subscriptionId" not in found
    assert "subscriptionChargeId" not in found
    assert found["linkedTransactionType"] == "CreditMemoItem"
    assert found["linkedTransactionNumber"] == "CM-1"
    assert found["amount"] == found["undistributedUnrecognizedRevenue"] == "-25.50"
    assert (found["recognizedRevenue"], found["unrecognizedRevenue"]) == ("0.00", "-25.50")
    assert (item["amount"], found["Rate__c"]) == ("-25.50", 1)
    assert item["recognizedRevenueAccountingCode"] is None

    one = api.found("/v1/revenue-schedules/RS-1")
    assert (one["amount"], one["productChargeId"]) == (-25.5, memos.charge.id)
    event = api.found("/v1/revenue-events/RE-00000001")
    assert event["productChargeId"] == memos.charge.id
    assert "subscriptionId" not in event


def test_schedules_of_a_product_charge_come_in_pages_of_eight(api: Api) -> None:
    memos = Memos(api)
    for number in range(1, 10):
        memos.made(100, str(number))

    first = api.found(memos.path)
    assert [one["number"] for one in first["revenueSchedules"]] == [
        f"RS-{n}" for n in range(9, 1, -1)
    ]
    assert first["nextPage"] == f"http://testserver{memos.path}?page=2&pageSize=8"
    second = api.found(f"{memos.path}?page=2&pageSize=8")
    assert [one["number"] for one in second["revenueSchedules"]] == ["RS-1"]
    assert "nextPage" not in second


def test_a_product_charge_and_an_account_go_by_id_or_number(api: Api) -> None:
    memos = Memos(api)
    memos.made(100, "1")
    with writing(api) as books:
        other = builders.account(books)

    by_number = f"{memos.charge.number}/{memos.account.number}"
    path = memos.path.replace(f"{memos.charge.id}/{memos.account.id}", by_number)
    assert len(api.found(path)["revenueSchedules"]) == 1
    path = memos.path.replace(memos.account.id, other.id)
    assert api.found(path) == {"revenueSchedules": [], "success": True}
    for unknown in (memos.charge.id, memos.account.id):
        path = memos.path.replace(unknown, "nobody")
        expected = (50000040, "Cannot find entity by key: 'nobody'.")
        assert refusal(api, "GET", path) == expected
