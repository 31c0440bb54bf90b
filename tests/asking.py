"""Asking the object query API, and rows to ask for that no operation makes alone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from earned.domain.accounting import AccountingCode
from earned.domain.billing import DocumentKind
from earned.domain.consumption import DailyConsumption, EventType, RatingResult, RevenueEvent
from earned.domain.schedule import RevenueSchedule
from earned.domain.subscription import Order, RatePlanCharge
from earned.domain.usage import GuidedUsage, UsageRecord
from earned.domain.usage_import import ImportStatus, UsageImport
from earned.services.bill_account import BillAccount, bill_account
from earned.services.ports import Books, NumberKind
from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import Api
from tests.booked import adjust, document, journalize, run_billing, warn

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)


def ask(api: Api, path: str, *parameters: tuple[str, object]) -> dict[str, Any]:
    """Ask what must be answered."""
    found: dict[str, Any] = api.found(f"/object-query/{path}?{urlencode(parameters)}")
    return found


def names(answer: Mapping[str, Any], field: str = "name") -> list[Any]:
    return [row.get(field) for row in answer["data"]]


def faults(api: Api, path: str, *parameters: tuple[str, object]) -> list[str]:
    """Ask what must be refused; return the messages."""
    response = api.get(f"/object-query/{path}?{urlencode(parameters)}")
    assert response.status_code == 400, response.text
    body = response.json()
    assert body.keys() == {"reasons", "requestId"}
    assert {reason["code"] for reason in body["reasons"]} == {50000027}
    return [reason["message"] for reason in body["reasons"]]


def walk(api: Api, path: str, *parameters: tuple[str, object]) -> list[dict[str, Any]]:
    """Follow nextPage to the end."""
    seen: list[dict[str, Any]] = []
    cursor: tuple[tuple[str, object], ...] = ()
    while True:
        answer = ask(api, path, *parameters, *cursor)
        seen += answer["data"]
        if "nextPage" not in answer:
            return seen
        cursor = (("cursor", answer["nextPage"]),)


def use(books: Books, account_id: str, quantity: str, **changes: Any) -> UsageRecord:
    facts: dict[str, Any] = {
        "id": books.new_id(),
        "entity_id": books.scope.entity_id,
        "account_id": account_id,
        "account_number": "A00000001",
        "uom": "Token",
        "quantity": Decimal(quantity),
        "start_date_time": NOON,
        "usage_date": NOON.date(),
        **books.stamp(),
    }
    return books.usage.add(UsageRecord(**{**facts, **changes}))


def consumed(books: Books, charge: RatePlanCharge, amount_minor: int, **changes: Any) -> None:
    """Store a rating result, a day of it and the event of the day."""
    shared: dict[str, Any] = {
        "entity_id": books.scope.entity_id,
        "account_id": charge.account_id,
        "charge_id": charge.original_id,
        "charge_segment": 1,
        "currency": "USD",
        "quantity": Decimal(45),
        "amount_minor": amount_minor,
        **changes,
    }
    rated = books.rating_results.add(
        RatingResult(
            id=books.new_id(),
            charge_number=charge.number,
            original_subscription_id=charge.original_subscription_id,
            service_start_date=date(2026, 1, 1),
            service_end_date=date(2026, 2, 1),
            **shared,
            **books.stamp(),
        )
    )
    stamps: dict[str, Any] = {"created_at": books.now, "updated_at": books.now}
    day: dict[str, Any] = {"transaction_date": NOON.date(), "rating_result_id": rated.id}
    books.consumption.add(
        DailyConsumption(
            id=books.new_id(),
            usage_charge_id=charge.original_id,
            usage_charge_number=charge.number,
            usage_charge_name=charge.name,
            usage_charge_segment=1,
            **day,
            **shared,
            **stamps,
        )
    )
    books.events.add(
        RevenueEvent(
            id=books.new_id(),
            event_type=EventType.UNBILLED_USAGE,
            subscription_name=charge.subscription_number,
            charge_number=charge.number,
            unit_price=Decimal("0.02"),
            **day,
            **shared,
            **stamps,
        )
    )


def stock(books: Books) -> builders.Sold:
    """Store at least one object of every kind but those that billing makes."""
    customer = builders.account(books, bill_to={"id": "c" * 32, "firstName": "Ada"})
    plan = builders.prepaid_plan(books, units=30, price=60)
    sold = builders.sell(books, customer, plan, months=1)
    record = use(books, customer.id, "12.5")
    drawdown = sold.charge("Drawdown")
    books.guided_usage.add(
        GuidedUsage(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            account_id=customer.id,
            usage_id=record.id,
            charge_id=drawdown.original_id,
            charge_number=drawdown.number,
            charge_segment=1,
            original_subscription_id=sold.subscription.original_id,
            uom="Token",
            quantity=Decimal("12.5"),
            usage_date=NOON.date(),
            **books.stamp(),
        )
    )
    consumed(books, drawdown, 90)
    books.usage_imports.add(
        UsageImport(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name="usage.csv",
            file_name="usage.csv",
            md5="0" * 32,
            size=100,
            status=ImportStatus.COMPLETED,
            **books.stamp(),
        )
    )
    books.orders.add(
        Order(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            account_id=customer.id,
            number=books.next_number(NumberKind.ORDER),
            order_date=date(2026, 1, 1),
            **books.stamp(),
        )
    )
    books.codes.add(
        AccountingCode(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name="Sales",
            code_type="SalesRevenue",
            category="Revenue",
            **books.stamp(),
        )
    )
    books.schedules.add(
        RevenueSchedule(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=books.next_number(NumberKind.REVENUE_SCHEDULE),
            account_id=customer.id,
            original_subscription_id=sold.subscription.original_id,
            charge_id=drawdown.original_id,
            amount_minor=30_000,
            currency="USD",
            rule_name="Custom - Unlimited recognition",
            schedule_date=date(2026, 1, 1),
            **books.stamp(),
        )
    )
    return sold


def bill(books: Books) -> None:
    """Use more than was prepaid, bill it, and journal: then there is an object of every kind."""
    customer = books.accounts.list()[0]
    fields = {"AccountId": customer.id, "UOM": "Token", "StartDateTime": "2026-01-20"}
    record_usage(books, [RecordUsage(fields={**fields, "Quantity": 100})])
    day = date(2026, 2, 1)
    bill_account(books, BillAccount(account=customer, target=day, document_date=day))
    invoiced = document(books, customer.id, DocumentKind.INVOICE, 30_00)
    document(books, customer.id, DocumentKind.CREDIT_MEMO, 5_00, source_item_id=invoiced.id)
    document(books, customer.id, DocumentKind.DEBIT_MEMO, 7_00)
    adjust(books, invoiced, 2_00)
    run_billing(books)
    journalize(books)
    warn(books)
