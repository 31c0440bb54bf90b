"""A customer who is billed, over the wire: what is due, what is billed, and the books after it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from earned.domain.billing import BillingDocument
from earned.domain.charge import Tier
from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Api
from tests.builders import Sold, writing
from tests.http.billing import CODES, CREDIT_MEMOS, INVOICES, NAMED
from tests.http.journal import PERIODS
from tests.periods import define_months

JULY = date(2022, 7, 1)
CODES_OF_BOOKS = ("Receivable", "Deferred Revenue", "Unbilled", "Subscription Revenue")
RUNS = "/v1/bill-runs"
USAGE = "/v1/object/usage"
Item = tuple[object, ...]


class Till:
    """A customer with plans, who is billed; the books are sound when it is closed."""

    def __init__(self, api: Api, *plans: Any, start: date = date(2022, 1, 1), **term: Any) -> None:
        self.api = api
        api.clock.now = datetime(2022, 12, 1, tzinfo=UTC)
        for name, code_type in (CODES | {"Unbilled": "UnbilledReceivables"}).items():
            api.made("/v1/accounting-codes", {"name": name, "type": code_type})
        with writing(api) as books:
            define_months(books, start.year, *range(1, 13))
            self.account = builders.account(books)
            plan = builders.rate_plan(books)
            for add, facts in plans:
                add(books, plan, **NAMED, **facts)
            self.sold: Sold = builders.sell(books, self.account, plan, start=start, **term)

    def use(self, quantity: int | str, day: str, **more: Any) -> str:
        """Record usage; return the id of the record."""
        record = {"AccountNumber": "A00000001", "UOM": "Min", "Quantity": quantity}
        return str(self.api.made(USAGE, record | {"StartDateTime": day} | more)["Id"])

    def status(self, *usage: str) -> list[str]:
        return [str(self.api.found(f"{USAGE}/{one}")["RbeStatus"]) for one in usage]

    def bill(self, target: str, **changes: Any) -> tuple[list[Item], list[Item]]:
        """Generate and post what is due; return the items of the invoice and the credit memo."""
        body = {"effectiveDate": "2022-12-01", "targetDate": target, "autoPost": True} | changes
        path = f"/v1/accounts/{self.account.number}/billing-documents/generate"
        self.made = self.api.made(path, body)
        return (
            self.items(INVOICES, "invoiceItems", "chargeAmount", self.made["invoices"]),
            self.items(CREDIT_MEMOS, "items", "amount", self.made["creditMemos"]),
        )

    def items(self, path: str, name: str, amount: str, made: Sequence[Any]) -> list[Item]:
        """Return charge, quantity, amount and service period of each item."""
        return [
            (
                item.get("chargeName") or item["skuName"],
                item["quantity"],
                item[amount],
                f"{item['serviceStartDate']}/{item['serviceEndDate']}",
            )
            for one in made
            for item in self.api.found(f"{path}/{one['id']}/items")[name]
        ]

    def run(self, target: str, **changes: Any) -> dict[str, Any]:
        """Run billing for everybody; return the answer."""
        body = {"targetDate": target, "invoiceDate": "2022-12-01", "batches": ["AllBatches"]}
        return self.api.made(RUNS, body | changes)

    def documents(self, run: dict[str, Any]) -> Sequence[BillingDocument]:
        with writing(self.api) as books:
            return books.documents.list(source_id=run["billRunNumber"], order_by=["number"])

    def cancel(self) -> None:
        for one in self.made["invoices"]:
            answer = self.api.put(f"{INVOICES}/{one['id']}/cancel").json()
            assert answer["success"], answer

    def audit(self) -> None:
        with writing(self.api) as books:
            assert list(audit_books(books, Counter())) == []

    def balance(self, *names: str) -> dict[str, str]:
        """Return what is on each accounting code at the end of the year, revenue collected."""
        self.api.made("/v1/revenue/collect", None)
        with writing(self.api) as books:
            period = books.periods.find(name="Dec'2022")
            assert period
        self.api.put(f"{PERIODS}/{period.id}/run-trial-balance")
        rows = self.api.found("/v1/reports/trial-balance?accountingPeriodName=Dec'2022")["rows"]
        closing = {row["accountingCodeName"]: f"{row['closing']:.2f}" for row in rows}
        return {name: closing.get(name, "0.00") for name in names}


def prepaid(units: int | str, price: int | str, **facts: Any) -> tuple[Any, dict[str, Any]]:
    terms = {"uom": "Min", "period": "ANNUAL", "billing_period": "Annual"}
    return builders.prepayment_charge, {**terms, "units": units, "price": price, **facts}


def drawn(price: int | str, **facts: Any) -> tuple[Any, dict[str, Any]]:
    return builders.drawdown_charge, {"uom": "Min", "price": price, **facts}


def metered(*tiers: Tier, **facts: Any) -> tuple[Any, dict[str, Any]]:
    """A usage charge that draws from nothing."""

    def add(books: Any, plan: Any, **terms: Any) -> None:
        builders.unit(books, "Min")
        builders.charge(books, plan, **terms)

    terms = {"charge_type": "Usage", "uom": "Min", "billing_timing": None, "tiers": tiers}
    return add, {**terms, **facts}


def tier(price: str, ends: int | None = None, number: int = 1, **facts: Any) -> Tier:
    end = None if ends is None else Decimal(ends)
    return Tier(currency="USD", tier=number, ending_unit=end, price=Decimal(price), **facts)


def top_up(till: Till, units: int, price: int, on: date, period: str = "ANNUAL") -> None:
    with writing(till.api) as books:
        more = builders.rate_plan(books, "More")
        facts = {"name": "More", "charge_type": "OneTime", "period": period, **NAMED}
        builders.prepayment_charge(books, more, uom="Min", units=units, price=price, **facts)
        builders.add(books, till.sold.subscription, more, on)
