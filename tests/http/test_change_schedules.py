"""Changing and deleting revenue schedules, and custom fields of their items: R 2.5."""

from datetime import date
from typing import Any

import pytest

from earned.domain.journal import EntryStatus, JournalEntry, PostedSource
from earned.domain.schedule import LinkedType
from earned.services.open_schedule import open_fund_schedules
from earned.services.ports import Books
from tests import builders
from tests.api import Api
from tests.builders import writing
from tests.http.by_hand import SCHEDULES, Charge, held, refusal
from tests.periods import close, define_months, reopen

RS = f"{SCHEDULES}/RS-00000001"
INFO = f"{RS}/basic-information"
ITEMS = "/v1/revenue-items/revenue-schedules/RS-00000001"
EVENT_ITEMS = "/v1/revenue-items/revenue-events/RE-00000001"
JANUARY, FEBRUARY = "Jan'2013", "Feb'2013"
SPREAD = {JANUARY: 100, FEBRUARY: 200}


@pytest.fixture
def charge(api: Api) -> Charge:
    with writing(api) as books:
        define_months(books, 2013, 1, 2)
    return Charge(api)


def put(api: Api, path: str, body: Any) -> None:
    response = api.put(path, body)
    assert response.status_code == 200, response.text
    assert response.json() == {"success": True}


def link(books: Books) -> None:
    """Make the schedule one of an invoice item."""
    schedule = books.schedules.find(number="RS-00000001")
    assert schedule
    books.schedules.change(
        schedule,
        linked_type=LinkedType.INVOICE_ITEM,
        linked_id="i" * 32,
        linked_number="INV-1",
        reference_id=None,
    )


def test_basic_information_is_changed_and_makes_no_event(api: Api, charge: Charge) -> None:
    charge.created(notes="old", referenceId="ref", Deal__c=1, Kept__c=2)
    before = api.found(RS)

    put(api, INFO, {"notes": "new", "Deal__c": {"stage": 2}})

    found = api.found(RS)
    changed = {"notes": "new", "Deal__c": {"stage": 2}, "updatedOn": found["updatedOn"]}
    assert found == {**before, **changed}
    assert found["updatedOn"] > before["updatedOn"]
    listed = api.found("/v1/revenue-events/revenue-schedules/RS-00000001")
    assert len(listed["revenueEventDetails"]) == 1


def test_what_is_not_named_stays_and_null_takes_away(api: Api, charge: Charge) -> None:
    charge.created(notes="old", referenceId="ref")

    put(api, INFO, {})
    assert (api.found(RS)["notes"], api.found(RS)["referenceId"]) == ("old", "ref")
    put(api, INFO, {"notes": None, "referenceId": None})
    assert api.found(RS)["notes"] is api.found(RS)["referenceId"] is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"notes": "n" * 2001}, (20, "'notes' value should be at most 2000 characters")),
        ({"notes": 7}, (20, "'notes' value is invalid")),
        ({"referenceId": "r" * 101}, (20, "'referenceId' value should be at most 100 characters")),
    ],
)
def test_basic_information_that_cannot_be_is_refused(
    api: Api, charge: Charge, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    charge.created()
    assert refusal(api, "PUT", INFO, body) == (50600000 + expected[0], expected[1])
    assert refusal(api, "PUT", INFO.replace("RS-0", "RS-4"), {})[0] == 50000040


def test_a_linked_schedule_has_no_reference(api: Api, charge: Charge) -> None:
    charge.created()
    with writing(api) as books:
        link(books)

    message = "A revenue schedule that is linked to a billing transaction has no referenceId."
    assert refusal(api, "PUT", INFO, {"referenceId": "r"}) == (50600030, message)
    put(api, INFO, {"notes": "n", "referenceId": None})
    found = api.found(RS)
    assert found["linkedTransactionType"] == "InvoiceItem"
    assert found["linkedTransactionId"] == "i" * 32
    assert found["linkedTransactionNumber"] == "INV-1"


def test_custom_fields_of_items_are_changed(api: Api, charge: Charge) -> None:
    charge.created(spread=SPREAD)

    put(
        api,
        ITEMS,
        {
            "revenueItems": [
                {"accountingPeriodName": JANUARY, "Why__c": "x", "amount": 7},
                {"accountingPeriodName": "Open-Ended", "Why__c": [1]},
            ]
        },
    )
    put(api, ITEMS, {"revenueItems": [{"accountingPeriodName": JANUARY, "More__c": 1.5}]})

    items = api.found(RS)["revenueItems"]
    assert [item.get("Why__c") for item in items] == ["x", None, [1]]
    assert [item.get("More__c") for item in items] == [1.5, None, None]
    assert api.found(ITEMS)["revenueItems"] == items
    assert held(api) == {JANUARY: 100, FEBRUARY: 200, "Open-Ended": 0}


def test_custom_fields_outlive_a_distribution_and_change_in_closed_periods(
    api: Api, charge: Charge
) -> None:
    charge.created(spread=SPREAD)
    put(api, ITEMS, {"revenueItems": [{"accountingPeriodName": FEBRUARY, "Why__c": "x"}]})
    body = {"distributeOn": "2013-02-01", "amount": -50}
    kind = {"distributionType": "specific date (delta fixed amount)"}
    assert api.put(f"{RS}/distribute-revenue-on-specific-date", {**body, **kind}).json()["success"]
    with writing(api) as books:
        close(books, JANUARY)

    put(api, ITEMS, {"revenueItems": [{"accountingPeriodName": JANUARY, "Why__c": "y"}]})

    items = api.found(RS)["revenueItems"]
    assert [(item["amount"], item.get("Why__c")) for item in items] == [
        (100, "y"),
        (150, "x"),
        (50, None),
    ]


def test_custom_fields_of_an_events_items_are_changed(api: Api, charge: Charge) -> None:
    charge.created(spread=SPREAD)

    put(api, EVENT_ITEMS, {"revenueItems": [{"accountingPeriodName": FEBRUARY, "Why__c": 1}]})
    put(api, EVENT_ITEMS, {"revenueItems": [{"accountingPeriodName": FEBRUARY, "More__c": 2}]})

    listed = api.found(EVENT_ITEMS)
    assert listed == {
        "revenueItems": api.found("/v1/revenue-events/RE-00000001")["revenueItems"],
        "success": True,
    }
    assert [(item["amount"], item.get("Why__c")) for item in listed["revenueItems"]] == [
        (100, None),
        (200, 1),
    ]
    assert listed["revenueItems"][1]["More__c"] == 2
    assert "recognizedRevenueAccountingCode" not in listed["revenueItems"][0]
    assert [item.get("Why__c") for item in api.found(RS)["revenueItems"]] == [None] * 3


FEBRUARYS = [{"accountingPeriodName": FEBRUARY, "A__c": 1}] * 2
ITEM_FAULTS: list[tuple[Any, tuple[int, str]]] = [
    ({}, (22, "'revenueItems' may not be null")),
    ({"revenueItems": []}, (22, "'revenueItems' may not be null")),
    ({"revenueItems": {}}, (20, "'revenueItems' value is invalid")),
    ({"revenueItems": [1]}, (20, "'revenueItems.0' value is invalid")),
    (
        {"revenueItems": [{"A__c": 1}]},
        (22, "'revenueItems.0.accountingPeriodName' may not be null"),
    ),
    (
        {"revenueItems": [{"accountingPeriodName": "Foo", "A__c": 1}]},
        (20, "Cannot find accounting period 'Foo'."),
    ),
    ({"revenueItems": FEBRUARYS}, (30, f"Accounting period '{FEBRUARY}' is given more than once.")),
    (
        {"revenueItems": [{"accountingPeriodName": FEBRUARY, "amount": 7}]},
        (22, "At least one custom field is required."),
    ),
]


@pytest.mark.parametrize(("body", "expected"), ITEM_FAULTS)
def test_items_that_cannot_be_are_refused(
    api: Api, charge: Charge, body: Any, expected: tuple[int, str]
) -> None:
    charge.created(spread=SPREAD)
    for path in (ITEMS, EVENT_ITEMS):
        assert refusal(api, "PUT", path, body) == (50610000 + expected[0], expected[1])


def test_items_that_are_not_there_are_not_made(api: Api, charge: Charge) -> None:
    charge.created(spread={JANUARY: 300})

    body = {"revenueItems": [{"accountingPeriodName": FEBRUARY, "A__c": 1}]}
    for path, whose in ((ITEMS, "schedule RS-00000001"), (EVENT_ITEMS, "event RE-00000001")):
        message = f"Revenue {whose} has no revenue item in accounting period '{FEBRUARY}'."
        assert refusal(api, "PUT", path, body) == (50610020, message)
        missing = path.replace("00001", "00002")
        key = missing.rpartition("/")[2]
        expected = (50000040, f"Cannot find entity by key: '{key}'.")
        assert refusal(api, "PUT", missing, body) == expected
        assert refusal(api, "GET", missing) == expected


def test_a_deleted_schedule_and_its_events_are_gone_and_leave_a_trace(
    api: Api, charge: Charge
) -> None:
    charge.created(spread=SPREAD)
    charge.created()

    response = api.delete(RS)

    assert response.json() == {"success": True}
    for path in (RS, ITEMS, EVENT_ITEMS, "/v1/revenue-events/RE-00000001"):
        assert refusal(api, "GET", path)[0] == 50000040
    assert refusal(api, "DELETE", RS)[0] == 50000040
    assert refusal(api, "GET", "/v1/revenue-events/revenue-schedules/RS-00000001")[0] == 50000040
    assert [one["number"] for one in api.found(charge.path)["revenueSchedules"]] == ["RS-00000002"]
    assert charge.created() == "RS-00000003"
    with writing(api) as books:
        (entry,) = books.audit.list(object_type="RevenueSchedule", action="deleted")
        (deleted,) = books.schedules.list(deleted=True)
    assert deleted.deleted_at == entry.at
    assert entry.detail == {
        "number": "RS-00000001",
        "amountMinor": 30000,
        "heldMinor": {JANUARY: 10000, FEBRUARY: 20000, "Open-Ended": 0},
    }


def delete_refused(api: Api, message: str) -> None:
    assert refusal(api, "DELETE", RS) == (50000030, message)
    assert api.found(RS)["number"] == "RS-00000001"


def test_a_linked_schedule_is_not_deleted(api: Api, charge: Charge) -> None:
    charge.created()
    with writing(api) as books:
        link(books)
    delete_refused(
        api, "A revenue schedule that is linked to a billing transaction cannot be deleted."
    )


def test_the_schedule_of_a_fund_is_not_deleted(api: Api) -> None:
    with writing(api) as books:
        sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=1)
        fund = sold.funds[0]
        if books.schedules.find(fund_id=fund.id) is None:
            open_fund_schedules(books, [(fund, sold.charge("Prepayment"))])
    delete_refused(
        api, "A revenue schedule that collecting revenue events keeps cannot be deleted."
    )


def test_the_schedule_of_what_was_credited_of_a_fund_is_left_alone(
    api: Api, charge: Charge
) -> None:
    number = charge.created()
    with writing(api) as books:
        sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=1)
        schedule = books.schedules.find(number=number)
        assert schedule
        books.schedules.change(schedule, credited_fund_id=sold.funds[0].id)

    delete_refused(
        api, "A revenue schedule that collecting revenue events keeps cannot be deleted."
    )
    for way in ("across-accounting-periods", "on-specific-date", "with-date-range"):
        code, message = refusal(api, "PUT", f"{RS}/distribute-revenue-{way}", {})
        assert code == 50600030
        assert "is kept by collecting revenue events" in message


def test_a_schedule_with_revenue_in_a_closed_period_is_not_deleted(
    api: Api, charge: Charge
) -> None:
    charge.created(spread=SPREAD, revenueScheduleDate="2013-02-01")
    with writing(api) as books:
        close(books, JANUARY)
    delete_refused(
        api,
        "A revenue schedule with revenue in a closed accounting period cannot be deleted: 100.00 "
        "in 'Jan'2013'.",
    )

    with writing(api) as books:
        reopen(books, JANUARY)
    assert api.delete(RS).json() == {"success": True}


def test_a_schedule_dated_in_a_closed_period_is_not_deleted(api: Api, charge: Charge) -> None:
    charge.created(spread={FEBRUARY: 300}, revenueScheduleDate="2013-01-31")
    with writing(api) as books:
        close(books, JANUARY)
    delete_refused(
        api, "A revenue schedule cannot be deleted when its date is in a closed accounting period."
    )


def test_a_schedule_in_a_journal_entry_in_force_is_not_deleted(api: Api, charge: Charge) -> None:
    charge.created(spread=SPREAD)
    with writing(api) as books:
        source = post(books)
    delete_refused(
        api, "A revenue schedule that is included in a summary journal entry cannot be deleted."
    )

    with writing(api) as books:
        books.release_sources([source.entry_id])
    assert api.delete(RS).json() == {"success": True}


def post(books: Books) -> PostedSource:
    """Put an item of the schedule's event into a journal entry."""
    period, event = books.periods.find(name=JANUARY), books.distributions.find(number="RE-00000001")
    assert period
    assert event
    entry = books.entries.add(
        JournalEntry(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number="JE-00000001",
            period_id=period.id,
            currency="USD",
            journal_entry_date=date(2013, 1, 31),
            status=EntryStatus.CREATED,
            total_minor=0,
            **books.stamp(),
        )
    )
    return books.posted.add(
        PostedSource(
            entry_id=entry.id,
            source_type="Revenue Event Item",
            source_id=event.id,
            period_id=period.id,
            entity_id=books.scope.entity_id,
        )
    )


def test_what_once_lay_in_a_closed_period_and_does_not_any_more_is_no_obstacle(
    api: Api, charge: Charge
) -> None:
    charge.created(spread=SPREAD, revenueScheduleDate="2013-02-01")
    parts = [
        {"accountingPeriodName": JANUARY, "newAmount": 0},
        {"accountingPeriodName": FEBRUARY, "newAmount": 300},
    ]
    path = f"{RS}/distribute-revenue-across-accounting-periods"
    assert api.put(path, {"revenueDistributions": parts}).json()["success"]
    with writing(api) as books:
        close(books, JANUARY)
    assert api.delete(RS).json() == {"success": True}
