"""Whoever changes what is stored leaves an entry in the audit log: what it was, and what it is."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from earned.services.audit_books import audit_books
from earned.services.ports import Books
from tests import builders
from tests.api import Api
from tests.http.billing import ADJUSTMENTS, Shop
from tests.periods import define_months
from tests.reports import schedule, use

Detail = Mapping[str, object]


def difference(field: str, was: object, row: object) -> Detail:
    return {"was": {field: was}, "is": {field: row}}


def tier(price: str) -> Detail:
    units = {"tier": 1, "starting_unit": None, "ending_unit": None, "is_overage": False}
    return {**units, "currency": "USD", "price": Decimal(price), "price_format": "PerUnit"}


PRICES = {"ProductRatePlanChargeTier": [{"Currency": "USD", "Price": 0.5}]}
DEARER = {"ProductRatePlanChargeTierData": PRICES}
ITEMS = {"revenueItems": [{"accountingPeriodName": "Jan'2026", "region__c": "N"}]}

# What is put where; the entry's object, and what it says.
CHANGES: tuple[tuple[str, Any, str, str, Detail | None], ...] = (
    (
        *("/v1/object/unit-of-measure/{unit}", {"DisplayedAs": "tok"}),
        *("UnitOfMeasure", "unit", difference("displayed_as", "Token", "tok")),
    ),
    (
        *("/v1/object/product/{product}", {"Description": "x"}),
        *("Product", "product", difference("description", None, "x")),
    ),
    (
        *("/v1/object/product-rate-plan/{plan}", {"Description": "y"}),
        *("ProductRatePlan", "plan", difference("description", None, "y")),
    ),
    (
        *("/v1/object/product-rate-plan-charge/{charge}", DEARER),
        *("ProductRatePlanCharge", "charge", difference("tiers", [tier("0.02")], [tier("0.5")])),
    ),
    (
        *("/v1/accounting-codes/{code}", {"notes": "n"}),
        *("AccountingCode", "code", difference("notes", None, "n")),
    ),
    (
        *("/v1/accounting-codes/{code}/deactivate", None),
        *("AccountingCode", "code", difference("status", "Active", "Inactive")),
    ),
    (
        *("/v1/accounting-codes/{code}/activate", None),
        *("AccountingCode", "code", difference("status", "Inactive", "Active")),
    ),
    (
        *("/v1/accounting-periods/{period}", {"notes": "first"}),
        *("AccountingPeriod", "period", difference("notes", None, "first")),
    ),
    (
        *("/v1/revenue-schedules/{number}/basic-information", {"notes": "why"}),
        *("RevenueSchedule", "schedule", difference("notes", None, "why")),
    ),
    ("/v1/revenue-items/revenue-schedules/{number}", ITEMS, "RevenueSchedule", "schedule", None),
    ("/v1/revenue-items/revenue-events/{event}", ITEMS, "RevenueEvent", "distribution", None),
    (
        *("/v1/object/usage/{usage}", {"Quantity": 7, "note__c": 0.5}),
        *("usage_record", "usage"),
        difference("custom_fields", {"note__c": "a"}, {"note__c": 0.5}),
    ),
)


def things(api: Api) -> dict[str, str]:
    """Make one of each thing that can be changed; return their ids and numbers."""
    with builders.writing(api) as books:
        (period,) = define_months(books, 2026, 1)
        plan, project = builders.prepaid_plan(books), builders.rate_plan(books, "Project")
        builders.unlimited_charge(books, project)
        sold = builders.sell(books, builders.account(books), plan, project)
        ids = {"period": period.id, "plan": plan.id, "product": plan.product_id}
        ids |= {"unit": builders.unit(books).id, "charge": drawdown(books)}
    ids["code"] = api.made("/v1/accounting-codes", {"name": "Sales", "type": "SalesRevenue"})["id"]
    ids["usage"] = use(api, 7, "2026-01-10", note__c="a")
    project_id = sold.charge("Project").id
    ids["number"] = schedule(api, project_id, "300", "2026-01-01", {"Jan'2026": "300"})
    with builders.writing(api) as books:
        made = books.schedules.find(number=ids["number"])
        assert made
        (distribution,) = books.distributions.list(schedule_id=made.id)
    return ids | {
        "schedule": made.id,
        "distribution": distribution.id,
        "event": distribution.number,
    }


def drawdown(books: Books) -> str:
    return next(one.id for one in books.product_charges.list() if one.name == "Drawdown")


def put(api: Api, path: str, body: Any = None) -> None:
    answer = api.put(path, body).json()
    assert answer.get("success", answer.get("Success")) is True, answer


def last_entry(api: Api) -> tuple[str, str, str, Detail]:
    with builders.writing(api) as books:
        (entry,) = books.audit.list(order_by=["-sequence"], limit=1)
    return entry.action, entry.object_type, entry.object_id, entry.detail


def test_every_change_is_told_as_it_was_and_as_it_is(api: Api) -> None:
    ids = things(api)
    for path, body, kind, identity, detail in CHANGES:
        put(api, path.format(**ids), body)

        action = "changed" if detail else "annotated"
        told = detail or {"periods": {ids["period"]: {"region__c": "N"}}}
        assert last_entry(api) == (action, kind, ids[identity], told), path
    with builders.writing(api) as books:
        written = books.audit.count()
        assert list(audit_books(books, Counter())) == []

    put(api, "/v1/object/unit-of-measure/{unit}".format(**ids), {"DisplayedAs": "tok"})

    with builders.writing(api) as books:
        assert books.audit.count() == written


def test_the_reason_of_an_adjustment_is_told_when_it_changes(api: Api) -> None:
    shop = Shop(api)
    adjusted = shop.adjust(shop.posted(), 10)

    put(api, f"{ADJUSTMENTS}/{adjusted}", {"ReasonCode": "Goodwill"})

    kind = "InvoiceItemAdjustment"
    detail = difference("reason_code", None, "Goodwill")
    assert last_entry(api) == ("changed", kind, adjusted, detail)
