"""Object Query over the wire (R 8.9): filters, order, pages, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from tests import builders
from tests.api import Api
from tests.asking import ask, consumed, faults, names, stock, use, walk

FILTERED = [
    (["name.EQ:amy"], ["N-1"]),
    (["NAME.eq:AMY"], ["N-1"]),
    (["name.EQ:Ärger"], ["N-4"]),
    (["name.NE:Amy"], ["N-2", "N-3", "N-4"]),
    (["name.SW:be"], ["N-2"]),
    (["name.SW:100%_"], ["N-3"]),
    (["name.SW:%"], []),
    (["name.IN:[Amy, bella]"], ["N-1", "N-2"]),
    (["notes.EQ:null"], ["N-4"]),
    (["notes.NE:null"], ["N-1", "N-2", "N-3"]),
    (["notes.NE:note N-1"], ["N-2", "N-3", "N-4"]),
    (["notes.IN:[null,note N-2]"], ["N-2", "N-4"]),
    (["billcycleday.GT:1", "billcycleday.LE:3"], ["N-2", "N-3"]),
    (["billcycleday.GE:2", "name.SW:b"], ["N-2"]),
    (["billcycleday.LT:2"], ["N-1"]),
    (["autopay.EQ:false"], ["N-1", "N-2", "N-3", "N-4"]),
    (["autopay.IN:[true]"], []),
    (["createddate.LE:2026-01-15T12:00:00Z"], ["N-1", "N-2", "N-3", "N-4"]),
    (["createddate.GT:2026-01-15T12:00:00Z"], []),
    (["createddate.GE:2026-01-15"], ["N-1", "N-2", "N-3", "N-4"]),
    (["createddate.LT:2026-01-15T12:00:00 00:00"], []),
    (["Region__c.EQ:north"], ["N-1"]),
    (["Region__c.EQ:null"], ["N-3", "N-4"]),
    (["Region__c.SW:so"], ["N-2"]),
    (["Region__c.IN:[north,south]"], ["N-1", "N-2"]),
    (["Size__c.EQ:12.50"], ["N-1"]),
    (["Size__c.EQ:7"], ["N-2"]),
    (["Size__c.EQ:true"], ["N-3"]),
    (["Other__c.EQ:x"], []),
]

COMPARED: list[tuple[str, list[Any]]] = [
    ("quantity.GT:9", [10, 10.5, 9007199254740]),
    ("quantity.GE:9.0", [9, 10, 10.5, 9007199254740]),
    ("quantity.LT:10", [-3, 0.000000001, 9]),
    ("quantity.LE:0.000000001", [-3, 0.000000001]),
    ("quantity.EQ:10.50", [10.5]),
    ("quantity.IN:[9,10]", [9, 10]),
    ("quantity.NE:9", [-3, 0.000000001, 10, 10.5, 9007199254740]),
]

PRICED: list[tuple[str, list[Any]]] = [
    ("amount.EQ:10", [10.00, 10]),
    ("amount.NE:10", [9.99, 10.005, 100]),
    ("amount.GT:10", [10.005, 100]),
    ("amount.GE:10", [10.00, 10, 10.005, 100]),
    ("amount.LT:10", [9.99]),
    ("amount.LE:10.00", [9.99, 10.00, 10]),
    ("amount.LT:10.0000001", [9.99, 10.00, 10]),
    ("amount.EQ:10.0000001", []),
    ("amount.IN:[9.99,100]", [9.99, 100]),
]

REFUSED = [
    ("pageSize", "0", "'pageSize' value should be between 1 and 99."),
    ("pageSize", "100", "'pageSize' value should be between 1 and 99."),
    ("pageSize", "ten", "'pageSize' value should be between 1 and 99."),
    ("includeNullFields", "1", "'includeNullFields' value should be one of: true, false"),
    ("cursor", "W3si", "'cursor' value is not one that a nextPage gave."),
    ("cursor", "é", "'cursor' value is not one that a nextPage gave."),
    ("filter[]", "nickname.EQ:x", "Field 'nickname' does not exist on Usage."),
    (
        "filter[]",
        "quantity",
        "'filter[]' value 'quantity' should be written as field.OPERATOR:value.",
    ),
    (
        "filter[]",
        "quantity.XX:1",
        "Operator 'XX' should be one of: EQ, NE, LT, GT, SW, IN, GE, LE.",
    ),
    ("filter[]", "quantity.SW:1", "Operator SW cannot be used with field 'quantity'."),
    ("filter[]", "uom.GT:a", "Operator GT cannot be used with field 'uOM'."),
    ("filter[]", "quantity.GT:ten", "'quantity' value 'ten' should be a number."),
    ("filter[]", "quantity.GT:null", "Operator GT cannot be used with null."),
    (
        "filter[]",
        "startdatetime.GT:soon",
        "'startDateTime' value 'soon' should be an ISO 8601 date-time.",
    ),
    ("filter[]", "uom.IN:a,b", "Operator IN takes a list of 1 to 200 values: [a,b]."),
    (
        "sort[]",
        "quantity",
        "'sort[]' value 'quantity' should be written as field.ASC or field.DESC.",
    ),
    ("sort[]", "nickname.ASC", "Field 'nickname' does not exist on Usage."),
    ("sort[]", "Size__c.ASC", "Field 'Size__c' of Usage cannot be used in sort[]."),
    ("expand[]", "invoiceitem", "'invoiceitem' cannot be expanded on Usage."),
    ("expand[]", "account.billto.x", "'x' cannot be expanded on Contact."),
    ("fields[]", "id,nickname", "Field 'nickname' does not exist on Usage."),
    ("account.fields[]", "name", "'account.fields[]' names nothing that is shown."),
]


class TestFilters:
    @pytest.fixture
    def customers(self, api: Api) -> None:
        with builders.writing(api) as books:
            for number, name, fields in (
                ("N-1", "Amy", {"Region__c": "North", "Size__c": Decimal("12.50")}),
                ("N-2", "Bella", {"Region__c": "south", "Size__c": 7}),
                ("N-3", "100%_done", {"Region__c": None, "Size__c": True}),
                ("N-4", "Ärger", {}),
            ):
                notes = None if number == "N-4" else f"note {number}"
                shown = {"number": number, "name": name, "notes": notes, "custom_fields": fields}
                builders.account(books, **shown, bill_cycle_day=int(number[-1]))

    def test_conditions_are_combined_by_and(self, api: Api, customers: None) -> None:
        del customers
        for filters, found in FILTERED:
            answer = ask(api, "accounts", *(("filter[]", text) for text in filters))
            assert names(answer, "accountNumber") == found, filters

    def test_ids_are_found_in_either_case(self, api: Api, customers: None) -> None:
        del customers
        row = ask(api, "accounts")["data"][0]

        assert ask(api, "accounts", ("filter[]", f"id.EQ:{row['id'].upper()}"))["data"] == [row]
        assert ask(api, "accounts", ("filter[]", f"id.IN:[{row['id']},x]"))["data"] == [row]

    def test_a_custom_field_that_no_database_can_unfold_matches_nothing(self, api: Api) -> None:
        with builders.writing(api) as books:
            builders.account(books)
        unfoldable = text("UPDATE account SET custom_fields = :fields")
        with api.application.database.engine.begin() as connection:
            connection.execute(unfoldable, {"fields": r'{"Region__c":"a\u0000b"}'})

        assert ask(api, "accounts", ("filter[]", "Region__c.EQ:north"))["data"] == []


class TestExactOrder:
    @pytest.fixture
    def customer(self, api: Api) -> str:
        with builders.writing(api) as books:
            customer = builders.account(books)
            for quantity in ("10", "9", "-3", "10.5", "0.000000001", "9007199254740993"[:13]):
                use(books, customer.id, quantity)
            return customer.id

    def test_decimals_sort_by_value(self, api: Api, customer: str) -> None:
        del customer
        up = names(ask(api, "usages", ("sort[]", "quantity.ASC")), "quantity")
        down = names(ask(api, "usages", ("sort[]", "quantity.DESC")), "quantity")

        assert up == [-3, 0.000000001, 9, 10, 10.5, 9007199254740]
        assert down == up[::-1]

    def test_decimals_compare_by_value(self, api: Api, customer: str) -> None:
        del customer
        for filtering, found in COMPARED:
            answer = ask(api, "usages", ("filter[]", filtering), ("sort[]", "quantity.ASC"))
            assert names(answer, "quantity") == found, filtering


class TestAmounts:
    @pytest.fixture
    def amounts(self, api: Api) -> None:
        """Store 10.00 USD, 9.99 USD, 10 JPY, 10.005 KWD and 100 JPY."""
        with builders.writing(api) as books:
            customer = builders.account(books)
            plan = builders.rate_plan(books)
            builders.charge(books, plan)
            charge = builders.sell(books, customer, plan).charges[0]
            for place, (minor, currency) in enumerate(
                [(1000, "USD"), (999, "USD"), (10, "JPY"), (10005, "KWD"), (100, "JPY")]
            ):
                consumed(books, charge, minor, currency=currency, charge_segment=place + 1)

    def test_amounts_compare_in_major_units(self, api: Api, amounts: None) -> None:
        del amounts
        for filtering, found in PRICED:
            asked = ("filter[]", filtering), ("sort[]", "amount.ASC")
            assert names(ask(api, "rating-results", *asked), "amount") == found, filtering

    def test_amounts_are_paged_in_major_units(self, api: Api, amounts: None) -> None:
        del amounts
        seen = walk(api, "rating-results", ("sort[]", "amount.DESC"), ("pageSize", 2))

        assert [row["amount"] for row in seen] == [100, 10.005, 10, 10.00, 9.99]


class TestPages:
    def test_a_page_has_ten_objects_unless_told_otherwise(self, api: Api) -> None:
        with builders.writing(api) as books:
            for _ in range(12):
                builders.account(books)

        first = ask(api, "accounts")
        rest = ask(api, "accounts", ("cursor", first["nextPage"]))

        assert len(first["data"]) == 10
        assert names(rest, "accountNumber") == ["A00000011", "A00000012"]
        assert "nextPage" not in rest
        assert len(ask(api, "accounts", ("pageSize", 99))["data"]) == 12

    def test_pages_stand_still_while_rows_are_inserted(self, api: Api) -> None:
        with builders.writing(api) as books:
            for name in ("b", "d", "f"):
                builders.account(books, name=name)
        asked = (("sort[]", "name.ASC"), ("pageSize", 2))
        first = ask(api, "accounts", *asked)
        with builders.writing(api) as books:
            for name in ("a", "c", "e"):
                builders.account(books, name=name)

        second = ask(api, "accounts", *asked, ("cursor", first["nextPage"]))

        assert names(first) == ["b", "d"]
        assert names(second) == ["e", "f"]

    def test_every_row_is_seen_once_whatever_the_order(self, api: Api) -> None:
        with builders.writing(api) as books:
            for place in range(7):
                notes = None if place % 3 else "null" if place else "x"
                changes = {"notes": notes, "auto_pay": place % 2 == 0, "bill_cycle_day": place % 2}
                builders.account(books, **changes)

        for field in ("notes", "billcycleday", "autopay", "createddate", "id"):
            for direction in ("ASC", "DESC"):
                seen = walk(api, "accounts", ("sort[]", f"{field}.{direction}"), ("pageSize", 2))
                numbers = sorted(row["accountNumber"] for row in seen)
                assert numbers == [f"A0000000{n}" for n in range(1, 8)], (field, direction)

    def test_nulls_come_last(self, api: Api) -> None:
        with builders.writing(api) as books:
            for notes in (None, "b", "a"):
                builders.account(books, notes=notes)

        for direction, expected in (("ASC", ["a", "b", None]), ("DESC", ["b", "a", None])):
            seen = walk(api, "accounts", ("sort[]", f"notes.{direction}"), ("pageSize", 1))
            assert [row.get("notes") for row in seen] == expected

    def test_tiers_are_paged_through_their_charges(self, api: Api) -> None:
        with builders.writing(api) as books:
            plan = builders.rate_plan(books)
            for count in (2, 0, 3, 1):
                prices = tuple(builders.prices(price)[0] for price in range(count))
                builders.charge(books, plan, tiers=prices, name=f"with {count}")

        seen = walk(api, "product-rate-plan-charge-tiers", ("pageSize", 2))
        last = seen[-1]

        assert [row["price"] for row in seen] == [0, 1, 0, 1, 2, 0]
        assert len({row["id"] for row in seen}) == 6
        expanded = ask(
            api,
            "product-rate-plan-charge-tiers",
            ("filter[]", f"productrateplanchargeid.EQ:{last['productRatePlanChargeId']}"),
            ("expand[]", "productrateplancharge"),
        )
        assert [row["productRatePlanCharge"]["name"] for row in expanded["data"]] == ["with 1"]


class TestRefusals:
    def test_a_parameter_that_cannot_be_used_is_named(self, api: Api) -> None:
        for parameter, value, message in REFUSED:
            assert faults(api, "usages", (parameter, value)) == [message]

    def test_all_faults_are_named_at_once(self, api: Api) -> None:
        assert faults(
            api,
            "usages",
            ("pageSize", "0"),
            ("filter[]", "nickname.EQ:x"),
            ("sort[]", "quantity.ASC"),
            ("sort[]", "id.ASC"),
        ) == [
            "Field 'nickname' does not exist on Usage.",
            "'sort[]' can be given once, for one field.",
            "'pageSize' value should be between 1 and 99.",
        ]

    def test_a_cursor_goes_on_in_its_own_order_only(self, api: Api) -> None:
        with builders.writing(api) as books:
            stock(books)
        first = ask(api, "rate-plan-charges", ("pageSize", 1))

        other = (("cursor", first["nextPage"]), ("sort[]", "name.ASC"))

        assert faults(api, "rate-plan-charges", *other) == [
            "'cursor' value belongs to another sort[] order."
        ]

    def test_expanding_without_end_is_refused(self, api: Api) -> None:
        path = "account.subscriptions.account.subscriptions.account"

        assert faults(api, "usages", ("expand[]", path)) == [
            f"'{path}' takes more than the 4 steps that expand[] can take."
        ]

    def test_a_tier_has_few_fields_to_ask_by(self, api: Api) -> None:
        tiers = "rate-plan-charge-tiers"

        assert faults(api, tiers, ("filter[]", "price.GT:1")) == [
            "Field 'price' of RatePlanChargeTier cannot be used in filter[]."
        ]
        assert faults(api, tiers, ("sort[]", "rateplanchargeid.ASC")) == [
            "Field 'ratePlanChargeId' of RatePlanChargeTier cannot be used in sort[]."
        ]

    def test_too_many_conditions_are_refused(self, api: Api) -> None:
        conditions = [("filter[]", "uom.EQ:a")] * 51

        assert faults(api, "usages", *conditions) == ["'filter[]' can be given at most 50 times."]

    def test_below_version_2025_08_12_a_refusal_says_so_as_others_do(self, api: Api) -> None:
        response = api.get("/object-query/usages?pageSize=0", Zuora_Version="2024-05-20")

        assert response.status_code == 400
        assert response.json()["success"] is False
