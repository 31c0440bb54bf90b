"""Usage records over the wire: validation, guiding, drawdown, overage, corrections."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from earned.services.audit_books import audit_books
from tests.api import Api
from tests.builders import (
    Sold,
    account,
    drawdown_charge,
    prepaid_plan,
    rate_plan,
    sell,
    unit,
    writing,
)

URL = "/v1/object/usage"
TOO_MANY_DIGITS = (
    "The Usage Quantity exceeds 13 digits before the decimal place, "
    "the maximum digits supported by the system"
)


@pytest.fixture
def sold(api: Api) -> Sold:
    """A monthly plan of 100,000 tokens for 1,000.00 USD, overage 0.02 each (U 5 row 31)."""
    with writing(api) as books:
        return sell(books, account(books), prepaid_plan(books))


def record(**changes: Any) -> dict[str, Any]:
    return {
        "AccountNumber": "A00000001",
        "UOM": "Token",
        "Quantity": 10,
        "StartDateTime": "2026-01-10T10:00:00Z",
        **changes,
    }


def events(api: Api) -> list[tuple[str, str, str, int | None]]:
    with writing(api) as books:
        rows = books.events.list(order_by=["event_type", "transaction_date"])
    return [
        (
            row.event_type.value,
            row.transaction_date.isoformat(),
            str(row.quantity),
            row.amount_minor,
        )
        for row in rows
    ]


def movements(api: Api) -> list[tuple[str, int | Decimal]]:
    """Every movement but the prepayments, in the order they happened."""
    with writing(api) as books:
        rows = books.transactions.list(source_type="USAGE", order_by=["id"])
    return [(row.transaction_type.value, row.amount) for row in rows]


def refusal(api: Api, body: dict[str, Any], **headers: str) -> tuple[str, str]:
    response = api.post(URL, body, **headers)
    assert response.status_code == 400, response.text
    answer = response.json()
    assert answer["Success"] is False
    return answer["Errors"][0]["Code"], answer["Errors"][0]["Message"]


# The drawdown.


def test_u_31_overage_is_what_the_fund_does_not_cover(api: Api, sold: Sold) -> None:
    api.made(URL, record(Quantity=61234))
    answer = api.made(URL, record(Quantity=50000, StartDateTime="2026-01-11"))

    with writing(api) as books:
        fund = books.funds.find(id=sold.funds[0].id)
        usage = books.usage.find(id=answer["Id"])
        balance = books.balances.find()
        rating = books.rating_results.find()
        period = books.validity_periods.find(start_date=date(2026, 1, 1))
    assert fund
    assert fund.balance == 0
    assert usage
    assert usage.rbe_status == "Pending"
    assert balance
    assert balance.balance == 1_100_000
    assert period
    assert period.remaining_balance == 0
    assert rating
    assert (rating.quantity, rating.amount_minor) == (Decimal(11234), 22468)
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "61234", 61234),
        ("Daily Rated Usage", "2026-01-11", "38766", 38766),
        ("Unbilled Usage", "2026-01-11", "11234", 22468),
    ]
    assert movements(api) == [("DRAWDOWN", -61234), ("DRAWDOWN", -38766)]


def test_u_4_the_rate_turns_hours_into_points(api: Api) -> None:
    with writing(api) as books:
        unit(books, "Hour")
        plan = prepaid_plan(books, uom="Point", units=100, price=10)
        drawdown_charge(books, plan, uom="Hour", rate=2, drawn="Point")
        sell(books, account(books), plan)

    api.made(URL, record(UOM="Hour", Quantity=10))

    assert movements(api) == [("DRAWDOWN", -20)]
    assert events(api) == [("Daily Rated Usage", "2026-01-10", "20", 200)]


def test_u_5_a_fractional_rate_keeps_every_digit(api: Api) -> None:
    with writing(api) as books:
        plan = rate_plan(books)
        plan = prepaid_plan(books, uom="Point", units=1, price=10)
        drawdown_charge(books, plan, uom="Hour", rate="2.5", drawn="Point")
        sell(books, account(books), plan)

    api.made(URL, record(UOM="Hour", Quantity="0.1"))

    assert movements(api) == [("DRAWDOWN", Decimal("-0.25"))]


def test_u_22_three_units_of_ten_dollars_add_up(api: Api) -> None:
    with writing(api) as books:
        sell(books, account(books), prepaid_plan(books, units=3, price=10))

    api.made(URL, record(Quantity=1, StartDateTime="2026-01-05"))
    api.made(URL, record(Quantity=1, StartDateTime="2026-01-20"))
    assert [amount for *_, amount in events(api)] == [333, 334]
    api.made(URL, record(Quantity=1, StartDateTime="2026-01-02"))

    assert events(api) == [
        ("Daily Rated Usage", "2026-01-02", "1", 333),
        ("Daily Rated Usage", "2026-01-05", "1", 334),
        ("Daily Rated Usage", "2026-01-20", "1", 333),
    ]


def test_u_30_overage_is_counted_in_the_usage_unit(api: Api) -> None:
    with writing(api) as books:
        plan = prepaid_plan(books, uom="Point", units=25, price=10)
        drawdown_charge(books, plan, uom="Hour", rate="2.5", drawn="Point", price=1)
        sell(books, account(books), plan)

    api.made(URL, record(UOM="Hour", Quantity=20))

    assert movements(api) == [("DRAWDOWN", -25)]
    assert events(api)[1] == ("Unbilled Usage", "2026-01-10", "10", 1000)


def test_u_32_a_record_without_a_charge_counts_on_every_charge_of_its_unit(api: Api) -> None:
    with writing(api) as books:
        customer, plan = account(books), prepaid_plan(books)
        first, second = sell(books, customer, plan), sell(books, customer, plan)

    api.made(URL, record(Quantity=5))
    assert movements(api) == [("DRAWDOWN", -5), ("DRAWDOWN", -5)]
    api.made(URL, record(Quantity=5, ChargeNumber=second.charge("Drawdown").number))
    api.made(URL, record(Quantity=5, SubscriptionNumber=first.subscription.number))

    with writing(api) as books:
        balances = books.balances.list(order_by=["id"])
    assert [balance.balance for balance in balances] == [1_199_990, 1_199_990]


def test_u_34_the_day_is_decided_in_the_tenants_zone(api: Api, sold: Sold) -> None:
    api.settings(time_zone="Asia/Shanghai")

    made = api.made(URL, record(StartDateTime="2026-01-31T23:30:00-08:00"))
    found = api.found(f"{URL}/{made['Id']}")

    assert found["StartDateTime"] == "2026-02-01T15:30:00.000+08:00"
    assert events(api) == [("Daily Rated Usage", "2026-02-01", "10", 10)]


def test_u_40_negative_usage_reverses_overage_first_and_then_funds(api: Api) -> None:
    with writing(api) as books:
        sell(books, account(books), prepaid_plan(books, units=10, price=20))

    api.made(URL, record(Quantity=12))
    api.made(URL, record(Quantity=-3))

    assert movements(api) == [("DRAWDOWN", -10), ("DRAWDOWN_ADJUSTMENT", 1)]
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "9", 1800),
        ("Unbilled Usage", "2026-01-10", "0", 0),
    ]


def test_u_40_negative_usage_is_refused_where_the_feature_is_off(api: Api, sold: Sold) -> None:
    api.settings(negative_usage=False)

    assert refusal(api, record(Quantity=-3)) == ("INVALID_VALUE", "The QTY cannot be less than 0")


def test_negative_usage_that_finds_nothing_waits_for_more(api: Api, sold: Sold) -> None:
    made = api.made(URL, record(Quantity=-3))

    assert movements(api) == []
    assert events(api) == [("Unbilled Usage", "2026-01-10", "-3", 0)]
    assert api.found(f"{URL}/{made['Id']}")["RbeStatus"] == "Pending"


def test_a_record_outside_the_charges_days_is_stored_and_not_drawn(api: Api, sold: Sold) -> None:
    made = api.made(URL, record(StartDateTime="2025-12-31"))

    assert movements(api) == []
    assert api.found(f"{URL}/{made['Id']}")["RbeStatus"] == "Pending"


def test_a_quantity_is_stored_as_sent_and_drawn_rounded_to_its_unit(api: Api, sold: Sold) -> None:
    made = api.made(URL, record(Quantity="12.31245"))

    assert api.get(f"{URL}/{made['Id']}").text.count('"Quantity":12.31245') == 1
    assert movements(api) == [("DRAWDOWN", Decimal("-12.32"))]


# Corrections.

WSDL = {"X_Zuora_WSDL_Version": "114"}


def test_u_1_a_record_sent_again_with_its_key_is_given_back_and_drawn_anew(
    api: Api, sold: Sold
) -> None:
    first = api.made(URL, record(Quantity=3, UniqueKey="k1"), **WSDL)
    second = api.made(URL, record(Quantity=4, UniqueKey="k1"), **WSDL)

    assert first["Id"] == second["Id"]
    assert movements(api) == [
        ("DRAWDOWN", -3),
        ("DRAWDOWN_ADJUSTMENT", 3),
        ("DRAWDOWN", -4),
    ]
    assert events(api) == [("Daily Rated Usage", "2026-01-10", "4", 4)]


def test_u_37_an_identical_record_changes_nothing(api: Api, sold: Sold) -> None:
    first = api.made(URL, record(UniqueKey="k1"), **WSDL)
    second = api.made(URL, record(UniqueKey="k1"), **WSDL)

    assert first["Id"] == second["Id"]
    assert movements(api) == [("DRAWDOWN", -10)]


def test_u_37_a_key_cannot_move_to_another_account(api: Api, sold: Sold) -> None:
    with writing(api) as books:
        sell(books, account(books), prepaid_plan(books))
    api.made(URL, record(UniqueKey="k1"), **WSDL)

    code, message = refusal(api, record(UniqueKey="k1", AccountNumber="A00000002"), **WSDL)

    assert code == "INVALID_VALUE"
    assert "cannot be changed by its UniqueKey" in message


def test_u_37_the_key_of_a_deleted_record_brings_it_back(api: Api, sold: Sold) -> None:
    first = api.made(URL, record(UniqueKey="k1"), **WSDL)
    api.delete(f"{URL}/{first['Id']}")
    second = api.made(URL, record(Quantity=7, UniqueKey="k1"), **WSDL)

    assert first["Id"] == second["Id"]
    assert events(api) == [("Daily Rated Usage", "2026-01-10", "7", 7)]


def test_u_37_below_wsdl_114_the_key_is_an_unknown_field(api: Api, sold: Sold) -> None:
    first = api.made(URL, record(UniqueKey="k1"))
    second = api.made(URL, record(UniqueKey="k1"))

    assert first["Id"] != second["Id"]


def test_a_strict_tenant_refuses_a_known_key(api: Api, sold: Sold) -> None:
    api.settings(unique_key="strict")
    api.made(URL, record(UniqueKey="k1"), **WSDL)

    assert refusal(api, record(UniqueKey="k1"), **WSDL)[0] == "DUPLICATE_VALUE"


def test_a_record_is_changed_by_put_and_drawn_anew(api: Api, sold: Sold) -> None:
    made = api.made(URL, record(Quantity=3, Team__c="blue"))

    response = api.put(f"{URL}/{made['Id']}", {"Quantity": 5, "Team__c": "red"})

    assert response.json() == {"Success": True, "Id": made["Id"]}
    assert api.found(f"{URL}/{made['Id']}")["Team__c"] == "red"
    assert events(api) == [("Daily Rated Usage", "2026-01-10", "5", 5)]


def test_a_custom_field_alone_moves_no_units(api: Api, sold: Sold) -> None:
    made = api.made(URL, record())

    api.put(f"{URL}/{made['Id']}", {"Team__c": "red"})

    assert movements(api) == [("DRAWDOWN", -10)]


def test_a_deleted_record_gives_its_units_back(api: Api, sold: Sold) -> None:
    made = api.made(URL, record())

    response = api.delete(f"{URL}/{made['Id']}")

    assert response.json() == {"success": True, "id": made["Id"]}
    assert api.get(f"{URL}/{made['Id']}").status_code == 404
    assert movements(api) == [("DRAWDOWN", -10), ("DRAWDOWN_ADJUSTMENT", 10)]
    assert events(api) == [("Daily Rated Usage", "2026-01-10", "0", 0)]
    with writing(api) as books:
        trace = books.audit.find(object_id=made["Id"])
    assert trace
    assert trace.action == "delete"


def test_a_record_that_its_unique_key_changes_is_told_in_the_audit_log(
    api: Api, sold: Sold
) -> None:
    del sold
    made = api.made(URL, record(Quantity=3, UniqueKey="k1"), **WSDL)
    api.made(URL, record(Quantity=3, UniqueKey="k1"), **WSDL)
    api.made(URL, record(Quantity=4, UniqueKey="k1"), **WSDL)
    api.delete(f"{URL}/{made['Id']}")
    api.made(URL, record(Quantity=4, UniqueKey="k1"), **WSDL)

    with writing(api) as books:
        changed, deleted, back = books.audit.list(object_id=made["Id"], order_by=["sequence"])
    assert changed.detail == {"was": {"quantity": 3}, "is": {"quantity": 4}}
    assert deleted.action == "delete"
    assert back.detail == {"was": {"deleted": True}, "is": {"deleted": False}}


def test_a_record_that_was_reversed_in_part_gives_back_the_rest(api: Api) -> None:
    with writing(api) as books:
        sell(books, account(books), prepaid_plan(books, units=10, price=20))
    first = api.made(URL, record(Quantity=12))
    api.made(URL, record(Quantity=4))
    api.made(URL, record(Quantity=-9))
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "7", 1400),
        ("Unbilled Usage", "2026-01-10", "0", 0),
    ]

    api.delete(f"{URL}/{first['Id']}")

    with writing(api) as books:
        balance = books.balances.find()
        fund = books.funds.find(start_date=date(2026, 1, 1))
        waiting = books.guided_usage.find(quantity=Decimal(-9))
    assert balance
    assert fund
    assert fund.balance == 10
    assert waiting
    assert waiting.remaining_quantity == -9
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "0", 0),
        ("Unbilled Usage", "2026-01-10", "-5", 0),
    ]


def test_a_request_without_a_body_is_told_so(api: Api) -> None:
    errors = api.http.post(URL, headers=api.headers).json()["Errors"]

    assert [error["Message"] for error in errors] == ["Malformed request: there is no body."]


def test_an_unknown_record_is_not_found(api: Api) -> None:
    for response in (
        api.get(f"{URL}/unknown"),
        api.put(f"{URL}/unknown", {"Quantity": 1}),
        api.delete(f"{URL}/unknown"),
    ):
        assert response.status_code == 404
        assert response.json() == {"records": [], "size": 0, "done": True}


# Validation.


def test_u_36_every_missing_field_is_named(api: Api, sold: Sold) -> None:
    response = api.post(URL, {"UOM": " "})

    assert response.status_code == 400
    assert response.json() == {
        "Success": False,
        "Errors": [
            {"Code": "MISSING_REQUIRED_VALUE", "Message": "The QTY is missing"},
            {"Code": "MISSING_REQUIRED_VALUE", "Message": "The STARTDATE is missing"},
            {"Code": "MISSING_REQUIRED_VALUE", "Message": "The UOM is missing"},
            {"Code": "MISSING_REQUIRED_VALUE", "Message": "The ACCOUNT_ID is missing"},
        ],
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Quantity": "many"}, "'Quantity' value is invalid"),
        ({"Quantity": True}, "'Quantity' value is invalid"),
        ({"Quantity": "NaN"}, "'Quantity' value is invalid"),
        (
            {"Quantity": 12345678901234},
            TOO_MANY_DIGITS,
        ),
        (
            {"Quantity": "0.1234567891"},
            "The Usage Quantity exceeds 9 digits after the decimal place",
        ),
        ({"StartDateTime": "yesterday"}, "The STARTDATE format is invalid"),
        ({"StartDateTime": 20260110}, "The STARTDATE format is invalid"),
        ({"EndDateTime": "2026-13-01"}, "The ENDDATE format is invalid"),
        ({"EndDateTime": "2026-01-09"}, "The Usage STARTDATE cannot be after the ENDDATE"),
        (
            {"Description": "x" * 201},
            "DESCRIPTION length is longer than the 200 character maximum",
        ),
        ({"ChargeNumber": "C" * 51}, "'ChargeNumber' value should be at most 50 characters"),
        (
            {"ProductRatePlanChargeNumber": "PRPC-00000001"},
            "ProductRatePlanChargeNumber cannot be used: there are no dynamic usage charges",
        ),
        ({"AccountNumber": "A404"}, "The ACCOUNT_ID does not match"),
        ({"AccountId": "0" * 32}, "The ACCOUNT_ID does not match"),
        ({"SubscriptionNumber": "A-S404"}, "Invalid Subscription ID"),
        ({"ChargeNumber": "C-404"}, "Invalid Charge ID"),
        ({"ChargeNumber": "C-00000001"}, "The Charge Type is not Usage"),
        ({"UOM": "Parsec"}, "The UOM does not match"),
    ],
)
def test_a_bad_value_has_its_literal_message(
    api: Api, sold: Sold, changes: dict[str, Any], message: str
) -> None:
    assert refusal(api, record(**changes)) == ("INVALID_VALUE", message)

    assert movements(api) == []


def test_u_33_a_unit_that_no_charge_has_is_refused(api: Api, sold: Sold) -> None:
    with writing(api) as books:
        unit(books, "Gigabyte")

    assert (
        refusal(api, record(UOM="Gigabyte"))[1]
        == "The UOM Gigabyte does not match any existing charge"
    )


def test_u_33_without_the_feature_such_a_record_waits(api: Api, sold: Sold) -> None:
    api.settings(prepaid_with_drawdown=False)
    with writing(api) as books:
        unit(books, "Gigabyte")

    made = api.made(URL, record(UOM="Gigabyte"))

    assert api.found(f"{URL}/{made['Id']}")["RbeStatus"] == "Pending"


def test_what_is_named_must_belong_together(api: Api, sold: Sold) -> None:
    with writing(api) as books:
        other = sell(books, account(books), prepaid_plan(books))
    charge, subscription = other.charge("Drawdown").number, other.subscription.number

    assert refusal(api, record(ChargeNumber=charge))[1] == (
        "The Charge and Billing Account do not match"
    )
    assert refusal(api, record(SubscriptionNumber=subscription))[1] == (
        "The Subscription and Billing Account do not match"
    )
    mine = record(SubscriptionNumber=sold.subscription.number, ChargeNumber=charge)
    assert refusal(api, mine)[1] == "The Charge and Billing Account do not match"
    both = record(AccountId=sold.subscription.account_id, AccountNumber="A00000002")
    assert refusal(api, both)[1] == "The ACCOUNT_ID does not match"


def test_what_is_not_active_takes_no_usage_and_keeps_its_custom_fields_open(
    api: Api, sold: Sold
) -> None:
    known = api.made(URL, record())["Id"]
    charge = sold.charge("Drawdown")
    with writing(api) as books:
        mine = books.accounts.find(number="A00000001")
        assert mine
        gone = sell(books, mine, prepaid_plan(books)).charge("Drawdown")
        books.charges.change(gone, effective_end_date=gone.effective_start_date)
    subscription = {"SubscriptionId": sold.subscription.original_id}
    crossed = record(**subscription, ChargeId=gone.original_id)
    assert refusal(api, crossed)[1] == "The Subscription ID and Charge ID do not match"
    assert api.post(URL, record(**subscription, ChargeId=charge.original_id)).status_code == 200
    assert refusal(api, record(ChargeId=gone.original_id))[1] == "The Charge is not ACTIVE"

    with writing(api) as books:
        books.accounts.change(mine, status="Canceled")

    assert refusal(api, record()) == ("INVALID_VALUE", "The Account status is not active")
    assert api.put(f"{URL}/{known}", {"Quantity": 1}).status_code == 400
    assert api.put(f"{URL}/{known}", {"Note__c": 1, "RbeStatus": "Pending"}).status_code == 200
    found = api.found(f"{URL}/{known}")
    assert (found["Note__c"], found["Quantity"], found["RbeStatus"]) == (1, 10, "Processed")


def test_a_record_keeps_its_day_in_another_time_zone_until_it_is_drawn_anew(
    api: Api, sold: Sold
) -> None:
    del sold
    known = api.made(URL, record(StartDateTime="2026-01-10T20:00:00Z"))["Id"]
    api.settings(time_zone="Asia/Shanghai")

    api.put(f"{URL}/{known}", {"Description": "x"})
    with writing(api) as books:
        assert [str(row.usage_date) for row in books.usage.list()] == ["2026-01-10"]
        assert list(audit_books(books, Counter())) == []

    api.put(f"{URL}/{known}", {"Quantity": 11})
    with writing(api) as books:
        assert [str(row.usage_date) for row in books.usage.list()] == ["2026-01-11"]
        assert list(audit_books(books, Counter())) == []


def test_u_35_unknown_fields_are_ignored_or_refused_as_asked(api: Api, sold: Sold) -> None:
    api.made(URL, record(Foo=1))

    response = api.post(f"{URL}?rejectUnknownFields=true", record(Foo=1, Bar__c=2))

    assert response.status_code == 400
    assert response.json() == {"message": "Error - unrecognised fields"}
    assert api.post(f"{URL}?rejectUnknownFields=true", record(Bar__c=2)).status_code == 200


def test_custom_fields_are_any_json_and_case_sensitive(api: Api, sold: Sold) -> None:
    custom = {"a__c": [1, {"b": None}], "A__c": 0.1, "Big__c": 12345678901234567890.25}

    made = api.made(URL, record(**custom))

    text = api.get(f"{URL}/{made['Id']}").text
    assert '"a__c":[1,{"b":null}]' in text
    assert '"A__c":0.1' in text


def test_usage_in_a_closed_period_is_refused_where_the_tenant_says_so(api: Api, sold: Sold) -> None:
    january = {
        "name": "Jan'2026",
        "startDate": "2026-01-01",
        "endDate": "2026-01-31",
        "fiscalYear": 2026,
    }
    period = api.made("/v1/accounting-periods", january)
    api.put(f"/v1/accounting-periods/{period['id']}/close")
    api.made(URL, record())
    api.settings(allow_usage_in_closed_period=False)

    assert refusal(api, record()) == (
        "ACCOUNTING_PERIOD_CLOSED",
        "Usage cannot be imported into a closed accounting period",
    )


def test_usage_is_neither_moved_into_a_closed_period_nor_out_of_it_nor_deleted_from_it(
    api: Api, sold: Sold
) -> None:
    period = api.made(
        "/v1/accounting-periods",
        {
            "name": "Early January",
            "startDate": "2026-01-01",
            "endDate": "2026-01-15",
            "fiscalYear": 2026,
        },
    )
    early = api.made(URL, record(StartDateTime="2026-01-10", UniqueKey="early"), **WSDL)["Id"]
    late = api.made(URL, record(StartDateTime="2026-01-20"))["Id"]
    api.put(f"/v1/accounting-periods/{period['id']}/close")
    api.settings(allow_usage_in_closed_period=False)
    closed = {
        "Code": "ACCOUNTING_PERIOD_CLOSED",
        "Message": "Usage cannot be imported into a closed accounting period",
    }

    moved = record(StartDateTime="2026-01-20", UniqueKey="early")
    for refused in (
        api.put(f"{URL}/{late}", {"StartDateTime": "2026-01-10"}),
        api.put(f"{URL}/{early}", {"StartDateTime": "2026-01-20"}),
        api.put(f"{URL}/{early}", {"Quantity": 11}),
        api.put(f"{URL}/{early}", {"Description": "x"}),
        api.post(URL, moved, **WSDL),
        api.delete(f"{URL}/{early}"),
    ):
        assert refused.status_code == 400
        assert refused.json()["Errors"] == [closed]
    assert api.put(f"{URL}/{late}", {"Quantity": 12}).status_code == 200
    assert movements(api)[:2] == [("DRAWDOWN", -10), ("DRAWDOWN", -10)]
    assert api.put(f"{URL}/{early}", {"Note__c": "seen"}).status_code == 200
    assert api.found(f"{URL}/{early}")["Note__c"] == "seen"


def test_u_54_a_replayed_request_draws_once(api: Api, sold: Sold) -> None:
    first = api.post(URL, record(), Idempotency_Key="once")
    second = api.post(URL, record(), Idempotency_Key="once")

    assert first.content == second.content
    assert movements(api) == [("DRAWDOWN", -10)]
    assert api.post("/v1/accounts", record(), Idempotency_Key="once").status_code == 422
