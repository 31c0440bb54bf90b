"""Bill runs and generated documents: what is billed, and what becomes of usage (U 5)."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from earned.domain.charge import Tier
from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Api
from tests.builders import Sold, writing
from tests.http.billing import CODES, CREDIT_MEMOS, INVOICES, NAMED
from tests.http.journal import PERIODS
from tests.periods import define_months

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
    terms = {"tiers": tiers, "is_prepaid": False, "prepaid_operation_type": None}
    return builders.drawdown_charge, {"uom": "Min", **terms, **facts}


def tier(price: str, ends: int | None = None, number: int = 1, **facts: Any) -> Tier:
    end = None if ends is None else Decimal(ends)
    return Tier(currency="USD", tier=number, ending_unit=end, price=Decimal(price), **facts)


def top_up(till: Till, units: int, price: int, on: date) -> None:
    with writing(till.api) as books:
        more = builders.rate_plan(books, "More")
        facts = {"name": "More", "charge_type": "OneTime", **NAMED}
        builders.prepayment_charge(
            books, more, uom="Min", units=units, price=price, **facts, period="ANNUAL"
        )
        builders.add(books, till.sold.subscription, more, on)


def test_u_2_overage_is_billed_and_a_top_up_draws_it_again_when_the_invoice_is_gone(
    api: Api,
) -> None:
    till = Till(api, prepaid(1000, 100), drawn(1))
    assert till.bill("2022-01-01") == ([("Prepayment", 1, 100, "2022-01-01/2022-12-31")], [])
    nine = [till.use(100, "2022-10-01") for _ in range(9)]
    assert till.bill("2022-11-01") == ([], [])
    assert till.status(*nine) == ["Processed"] * 9

    last = till.use(300, "2022-11-01")
    assert till.status(last) == ["Pending"]
    assert till.bill("2022-12-01") == ([("Drawdown", 200, 200, "2022-11-01/2022-11-30")], [])
    assert till.status(last) == ["Processed"]
    assert till.bill("2022-12-01") == ([], [])
    till.audit()

    till.bill("2022-12-01")
    (invoice,) = [one for one in drafts_and_posted(till) if one["amount"] == 200]
    api.put(f"{INVOICES}/{invoice['id']}/cancel")
    assert till.status(last) == ["Pending"]
    top_up(till, 300, 30, date(2022, 11, 1))

    assert till.bill("2022-12-01") == ([("More", 1, 30, "2022-11-01/2022-11-01")], [])
    assert till.status(last) == ["Processed"]
    with writing(api) as books:
        assert [balance.balance for balance in books.balances.list()] == [100]
    till.audit()


def drafts_and_posted(till: Till) -> list[dict[str, Any]]:
    with writing(till.api) as books:
        found = books.documents.list(kind="Invoice", order_by=["number"])
    return [{"id": one.id, "amount": one.amount_minor // 100} for one in found]
