"""Billing documents over the wire: what to bill, and what becomes of it."""

from collections.abc import Sequence
from typing import Any

from tests import builders
from tests.api import Api
from tests.http.by_hand import events, held
from tests.http.journal import ENTRIES, PERIODS, RUNS, line_of
from tests.periods import define_months

INVOICES, CREDIT_MEMOS, DEBIT_MEMOS = "/v1/invoices", "/v1/credit-memos", "/v1/debit-memos"
ADJUSTMENTS = "/v1/object/invoice-item-adjustment"
SCHEDULES = "/v1/revenue-schedules"
START_DATE = "/v1/settings/finance/revenue-automation-start-date"
RULES = "/v1/settings/finance/revenue-recognition-rules"
DAILY, AT_ONCE = "Recognize daily over time", "Recognize upon invoicing"
TERM = {"serviceStartDate": "2024-01-15", "serviceEndDate": "2024-04-14"}
CODES = {
    "Receivable": "AccountsReceivable",
    "Deferred Revenue": "DeferredRevenue",
    "Subscription Revenue": "SalesRevenue",
}
NAMED = {
    "deferred_revenue_account": "Deferred Revenue",
    "recognized_revenue_account": "Subscription Revenue",
}


class Shop:
    """The first months of 2024, three accounting codes, and a subscription with one charge.

    Billing makes revenue schedules from 2024 on, unless it is not to be automatic.
    """

    def __init__(
        self,
        api: Api,
        *,
        rule: str | None = DAILY,
        months: Sequence[int] = (1, 2, 3, 4),
        automatic: bool = True,
        **terms: Any,
    ) -> None:
        self.api = api
        for name, code_type in CODES.items():
            api.made("/v1/accounting-codes", {"name": name, "type": code_type})
        with builders.writing(api) as books:
            periods = define_months(books, 2024, *months)
            plan = builders.rate_plan(books)
            facts = {"revenue_recognition_rule_name": rule, **NAMED, **terms}
            builders.charge(books, plan, **facts)
            self.account = builders.account(books, bill_to={"id": "b" * 32})
            start = periods[0].start_date
            assert start
            self.sold = builders.sell(books, self.account, plan, start=start)
        self.charge = self.sold.charge(facts.get("name", "Fee"))
        self.periods = {period.name: period.id for period in periods}
        if automatic:
            self.automate("2024-01-01")

    def automate(self, day: str) -> None:
        assert self.api.put(START_DATE, {"startDate": day}).json() == {"success": True}

    def rule(self, name: str, model: str, **options: Any) -> None:
        self.api.made(RULES, {"name": name, "recognitionModel": model, **options})

    def item(self, amount: Any = "300", **changes: Any) -> dict[str, Any]:
        """Return what a request says of an item of the charge."""
        return {"amount": amount, "ratePlanChargeId": self.charge.id, **TERM, **changes}

    def draft(self, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Make a draft of January 15; return the invoice."""
        return self.api.made(INVOICES, self.invoice(*items, **changes))

    def invoice(self, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return {
            "accountId": self.account.id,
            "invoiceDate": "2024-01-15",
            "invoiceItems": list(items or [self.item()]),
            **changes,
        }

    def posted(self, *items: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Make an invoice and post it; return the invoice."""
        return self.draft(*items, **{"status": "Posted", **changes})

    def memo(self, path: str, amount: Any = 300, **changes: Any) -> dict[str, Any]:
        """Make a memo of the charge of January 15; return it, a draft unless it is posted."""
        item = self.item(amount, **changes.pop("item", {}))
        body = {"accountNumber": self.account.number, "effectiveDate": "2024-01-15"}
        return self.api.made(path, {**body, "charges": [item], **changes})

    def memo_of(self, path: str, invoice: dict[str, Any], amount: Any, **changes: Any) -> Any:
        """Make a memo of the first item of an invoice, and post it; return it."""
        return self.api.made(f"{path}/invoice/{invoice['id']}", self.of(invoice, amount, **changes))

    def of(self, invoice: dict[str, Any], amount: Any, **changes: Any) -> dict[str, Any]:
        """Return what a request for a memo of an invoice says."""
        (item, *_) = self.items(invoice)
        body = {"effectiveDate": "2024-01-15", "autoPost": True}
        return {**body, "items": [{"invoiceItemId": item["id"], "amount": amount}], **changes}

    def adjust(self, invoice: dict[str, Any], amount: Any, **changes: Any) -> str:
        """Adjust the first item of an invoice; return the id of the adjustment."""
        return str(self.api.made(ADJUSTMENTS, self.adjustment(invoice, amount, **changes))["Id"])

    def adjustment(self, invoice: dict[str, Any], amount: Any, **changes: Any) -> dict[str, Any]:
        (item, *_) = self.items(invoice)
        return {
            "AdjustmentDate": "2024-01-15",
            "Amount": amount,
            "InvoiceId": invoice["id"],
            "SourceId": item["id"],
            "SourceType": "InvoiceDetail",
            "Type": "Credit",
            **changes,
        }

    def items(self, invoice: dict[str, Any]) -> Any:
        return self.api.found(f"{INVOICES}/{invoice['id']}/items")["invoiceItems"]

    def item_of(self, path: str, memo: dict[str, Any]) -> Any:
        (item,) = self.api.found(f"{path}/{memo['id']}/items")["items"]
        return item

    def schedule_of(self, invoice: dict[str, Any]) -> dict[str, Any]:
        """Return the revenue schedule of the first item of an invoice."""
        (item, *_) = self.items(invoice)
        found: dict[str, Any] = self.api.found(f"{SCHEDULES}/invoice-items/{item['id']}")
        return found

    def held(self, number: str = "RS-00000001") -> dict[str, float]:
        """Return what a schedule holds by month, Open-Ended left out where it is nothing."""
        return {name: minor for name, minor in held(self.api, number).items() if minor}

    def event(self, number: str = "RS-00000001") -> tuple[str, str]:
        """Return label and system id of the first event of a schedule."""
        path = f"/v1/revenue-events/revenue-schedules/{number}?pageSize=40"
        first = self.api.found(path)["revenueEventDetails"][-1]
        return first["eventType"], first["eventTypeSystemId"]

    def moves(self, number: str = "RS-00000001") -> list[dict[str, float]]:
        return [moved for _, moved in events(self.api, number)]

    def put(self, path: str, body: Any = None) -> Any:
        answer = self.api.put(path, body).json()
        assert answer["success"] is True, answer
        return answer

    def close(self, *names: str) -> None:
        for name in names:
            self.put(f"{PERIODS}/{self.periods[name]}/close")

    def run(self, period: str, *types: str) -> list[str]:
        """Run the journal of a period; return what its entries say, a line each."""
        body = {"accountingPeriodName": period, "transactionTypes": [{"type": t} for t in types]}
        number = self.api.made(RUNS, body)["journalRunNumber"]
        entries = self.api.found(f"{ENTRIES}/journal-runs/{number}?pageSize=40")["journalEntries"]
        return [line_of(entry) for entry in entries]

    def balance(self, period: str) -> dict[str, tuple[str, ...]]:
        """Return the trial balance: opening, debits, credits and closing by code."""
        self.put(f"{PERIODS}/{self.periods[period]}/run-trial-balance")
        path = f"/v1/reports/trial-balance?accountingPeriodName={period}"
        names = ("opening", "debits", "credits", "closing")
        return {
            row["accountingCodeName"]: tuple(f"{row[name]:.2f}" for name in names)
            for row in self.api.found(path)["rows"]
        }


def refused(api: Api, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Send what must be refused; return code and message."""
    response = api.request(method, path, body)
    assert response.status_code in {400, 404}, response.text
    (reason,) = response.json()["reasons"]
    return reason["code"], reason["message"]
