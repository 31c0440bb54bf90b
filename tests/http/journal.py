"""Journals over the wire: codes, periods and schedules to journal, and how entries read."""

import calendar
from typing import Any

from tests.api import Api
from tests.http.by_hand import SCHEDULES, Charge, new_amounts

RUNS, ENTRIES, PERIODS = "/v1/journal-runs", "/v1/journal-entries", "/v1/accounting-periods"
CODES = {"Deferred Revenue": "DeferredRevenue", "Subscription Revenue": "SalesRevenue"}
OVERRIDE = {
    "overrideChargeAccountingCodes": True,
    "deferredRevenueAccountingCode": "Deferred Revenue",
    "deferredRevenueAccountingCodeType": "DeferredRevenue",
    "recognizedRevenueAccountingCode": "Subscription Revenue",
    "recognizedRevenueAccountingCodeType": "SalesRevenue",
}
_SHORT = {"Debit": "Dr", "Credit": "Cr"}
REVENUE = [{"type": "Revenue Event Item"}]


class Ledger:
    """Months of 2013, the codes of the seed's sample, and a charge to make schedules of."""

    def __init__(self, api: Api, months: int = 2) -> None:
        self.api = api
        for name, code_type in CODES.items():
            self.code(name, code_type)
        self.periods = {name: self.define(month, name) for month, name in _named(months)}
        self._charges: dict[str, Charge] = {}

    def code(self, name: str, code_type: str, **more: Any) -> str:
        body = {"name": name, "type": code_type, **more}
        return str(self.api.made("/v1/accounting-codes", body)["id"])

    def define(self, month: int, name: str) -> str:
        last = calendar.monthrange(2013, month)[1]
        body = {
            "name": name,
            "startDate": f"2013-{month:02}-01",
            "endDate": f"2013-{month:02}-{last}",
            "fiscalYear": 2013,
        }
        return str(self.api.made(PERIODS, body)["id"])

    def schedule(
        self, amount: str, spread: dict[str, str], currency: str = "USD", **more: Any
    ) -> str:
        """Make a schedule by hand; return its number."""
        if currency not in self._charges:
            self._charges[currency] = Charge(self.api, currency)
        return self._charges[currency].created(amount=amount, spread=spread, **{**OVERRIDE, **more})

    def act(self, period: str, action: str) -> None:
        answer = self.api.put(f"{PERIODS}/{self.periods[period]}/{action}").json()
        assert answer == {"success": True}, answer

    def close(self, period: str) -> None:
        self.act(period, "close")

    def run(self, period: str = "Jan'2013", **changes: Any) -> str:
        """Run the journal; return the number of the run."""
        body = {"transactionTypes": REVENUE, "accountingPeriodName": period, **changes}
        return str(self.api.made(RUNS, body)["journalRunNumber"])

    def entries(self, run: str) -> list[Any]:
        """Return the entries of a run, however many pages they fill."""
        found: list[Any] = []
        page = self.api.found(f"{ENTRIES}/journal-runs/{run}?pageSize=40")
        found += page["journalEntries"]
        while "nextPage" in page:
            page = self.api.found(page["nextPage"].removeprefix("http://testserver"))
            found += page["journalEntries"]
        return found

    def lines(self, run: str) -> list[str]:
        """Return what entries of a run that are in force say, a line each."""
        return [line_of(entry) for entry in self.entries(run) if entry["status"] == "Created"]

    def enter(self, *items: dict[str, Any], **changes: Any) -> str:
        """Make an entry by hand; return its number."""
        return str(self.api.made(ENTRIES, by_hand(*items, **changes))["journalEntryNumber"])

    def spread(self, schedule: str, amounts: dict[str, str]) -> None:
        """Distribute a schedule anew."""
        path = f"{SCHEDULES}/{schedule}/distribute-revenue-across-accounting-periods"
        answer = self.api.put(path, {"revenueDistributions": new_amounts(amounts)}).json()
        assert answer["success"] is True, answer

    def annotate(self, number: str, **changes: Any) -> None:
        answer = self.api.put(f"{ENTRIES}/{number}/basic-information", changes).json()
        assert answer == {"success": True}, answer

    def entry(self, number: str) -> Any:
        return self.api.found(f"{ENTRIES}/{number}")

    def balance(self, period: str) -> list[tuple[str, ...]]:
        """Return the trial balance: currency, code, opening, debits, credits, closing."""
        path = f"/v1/reports/trial-balance?accountingPeriodName={period}"
        names = ("opening", "debits", "credits", "closing")
        return [
            (row["currency"], row["accountingCodeName"], *(f"{row[name]:.2f}" for name in names))
            for row in self.api.found(path)["rows"]
        ]


def _named(months: int) -> list[tuple[int, str]]:
    return [(month, f"{calendar.month_abbr[month]}'2013") for month in range(1, months + 1)]


def line_of(entry: Any) -> str:
    """Return an entry as `USD Dr Deferred Revenue 100.00, Cr Subscription Revenue 100.00`."""
    items = (
        f"{_SHORT[item['type']]} {item['accountingCodeName']} {item['amount']}"
        for item in entry["journalEntryItems"]
    )
    return f"{entry['currency']} {', '.join(items)}"


def item(side: str, code: str, amount: object, **more: Any) -> dict[str, Any]:
    return {"type": side, "accountingCodeName": code, "amount": amount, **more}


def by_hand(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the body of an entry made by hand: 100.00 from one code to the other by default."""
    usual = (
        item("Debit", "Deferred Revenue", "100"),
        item("Credit", "Subscription Revenue", "100.00"),
    )
    return {
        "accountingPeriodName": "Jan'2013",
        "currency": "USD",
        "journalEntryDate": "2013-01-31",
        "journalEntryItems": list(items or usual),
        **changes,
    }
