"""Bill runs and generated documents: what is billed, and what becomes of usage (U 5)."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earned.domain import audit_billed
from earned.domain.billing import BillingDocument
from earned.domain.charge import Tier
from earned.domain.crediting import credit_minor
from earned.domain.money import Currency
from earned.services.audit_books import audit_books
from earned.services.credit_fund import CreditFund, credit_fund
from tests import builders
from tests.api import Api
from tests.builders import Sold, writing
from tests.damages import damages_of, missed
from tests.http.billing import CODES, CREDIT_MEMOS, INVOICES, NAMED
from tests.http.journal import PERIODS
from tests.periods import define_months

JULY = date(2022, 7, 1)
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


CODES_OF_BOOKS = ("Receivable", "Deferred Revenue", "Unbilled", "Subscription Revenue")


def test_u_3_the_books_of_row_2_after_each_step(api: Api) -> None:
    till = Till(api, prepaid(1000, 100), drawn(1))
    till.bill("2022-01-01")
    for _ in range(9):
        till.use(100, "2022-10-01")
    till.use(300, "2022-11-01")
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "100.00",
        "Deferred Revenue": "0.00",
        "Unbilled": "200.00",
        "Subscription Revenue": "-300.00",
    }

    till.bill("2022-12-01")
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "300.00",
        "Deferred Revenue": "0.00",
        "Unbilled": "0.00",
        "Subscription Revenue": "-300.00",
    }

    till.cancel()
    top_up(till, 300, 30, date(2022, 11, 1))
    till.bill("2022-12-01")
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "130.00",
        "Deferred Revenue": "-10.00",
        "Unbilled": "0.00",
        "Subscription Revenue": "-120.00",
    }
    till.audit()


def test_u_41_late_usage_is_billed_as_the_difference_of_two_totals(api: Api) -> None:
    tiers = tier("10", 100), tier("9", None, 2)
    till = Till(api, metered(*tiers, charge_model="Volume", name="Calls"))
    first = till.use(90, "2022-01-05")
    assert till.bill("2022-02-01") == ([("Calls", 90, 900, "2022-01-01/2022-01-31")], [])

    till.use(20, "2022-01-07")
    assert till.bill("2022-03-01") == ([("Calls", 20, 90, "2022-01-01/2022-01-31")], [])

    (item,) = api.found(f"{INVOICES}/{till.made['invoices'][0]['id']}/items")["invoiceItems"]
    data = api.found(f"{INVOICES}/invoice-item/{item['id']}/usage-rate-detail")["data"]
    assert data["rateDetail"] == (
        "Tier 2: >=101, 110 Min(s) x $9.00/Min = $990.00\nBilled before = -$900.00\nTotal = $90.00"
    )
    assert (data["quantity"], data["amountWithoutTax"], data["uom"]) == ("20", 90, "Min")
    assert data["servicePeriod"] == "2022-01-01 - 2022-01-31"
    (rating,) = api.found("/object-query/rating-results")["data"]
    assert (rating["amount"], rating["invoiceItemId"]) == (990, item["id"])
    processed = api.found("/object-query/processed-usages")["data"]
    assert [(one["amount"], one["quantity"]) for one in processed] == [(900, 90), (90, 20)]
    assert processed[0]["usageId"] == first
    assert processed[1]["invoiceItemId"] == item["id"]
    assert processed[0]["billingPeriodEndDate"] == "2022-01-31"
    till.audit()


def test_u_41_a_rebate_of_late_usage_is_a_credit_memo(api: Api) -> None:
    tiers = tier("10", 100), tier("8", None, 2)
    till = Till(api, metered(*tiers, charge_model="Volume", name="Calls"))
    till.use(90, "2022-01-05")
    till.bill("2022-02-01")
    till.use(20, "2022-01-07")

    credit = ("Calls", -20, 20, "2022-01-01/2022-01-31")
    assert till.bill("2022-03-01") == ([], [credit])
    assert till.bill("2022-03-01") == ([], [])
    till.use(-110, "2022-01-07")
    assert till.bill("2022-03-01")[1] == [("Calls", 110, 880, "2022-01-01/2022-01-31")]
    till.audit()


def test_u_39_billed_usage_is_locked_but_for_its_custom_fields(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    record = till.use(150, "2022-01-05", UniqueKey="k", note__c="a")
    till.bill("2022-02-01")

    locked = "This usage record has been billed and cannt be updated"
    refused = api.put(f"{USAGE}/{record}", {"Quantity": 151})
    (error,) = refused.json()["Errors"]
    assert (refused.status_code, error["Message"]) == (400, locked)
    refused = api.delete(f"{USAGE}/{record}")
    assert refused.json()["Errors"][0]["Code"] == "CANNOT_DELETE"
    assert api.put(f"{USAGE}/{record}", {"note__c": "b", "Quantity": 150}).json()["Success"]
    assert api.found(f"{USAGE}/{record}")["note__c"] == "b"

    till.cancel()
    assert api.put(f"{USAGE}/{record}", {"Quantity": 151}).json()["Success"]
    assert till.bill("2022-02-01")[0][0] == ("Prepayment", 1, 100, "2022-01-01/2022-12-31")
    till.audit()


def test_u_19_a_quarter_that_is_billed_by_month_adds_up_to_its_list_price(api: Api) -> None:
    by_month = {"billing_period": "Month", "list_price_base": "Per_Validity_Period"}
    till = Till(api, prepaid(30, 10, period="QUARTER", **by_month), drawn(1), months=3)

    bills = [till.bill(f"2022-0{month}-01")[0] for month in (1, 2, 3)]

    assert bills == [
        [("Prepayment", 1, 3.33, "2022-01-01/2022-01-31")],
        [("Prepayment", 1, 3.34, "2022-02-01/2022-02-28")],
        [("Prepayment", 1, 3.33, "2022-03-01/2022-03-31")],
    ]
    till.audit()


def test_u_31_a_month_of_tokens_and_what_is_beyond_them(api: Api) -> None:
    month = {"period": "MONTH", "billing_period": "Month"}
    till = Till(api, prepaid(100_000, 1000, **month), drawn("0.02"), months=1)
    till.use(61_234, "2022-01-05")
    till.use(50_000, "2022-01-20")

    assert till.bill("2022-02-01")[0] == [
        ("Prepayment", 1, 1000, "2022-01-01/2022-01-31"),
        ("Drawdown", 11_234, 224.68, "2022-01-01/2022-01-31"),
    ]
    till.audit()


def test_u_6_and_7_calls_beyond_the_plan_and_a_top_up(api: Api) -> None:
    month = {"period": "MONTH", "billing_period": "Month"}
    till = Till(api, prepaid(10, 20, **month), drawn(5), months=1)
    top_up(till, 1, 3, date(2022, 1, 15), "MONTH")
    till.use("10.6", "2022-01-10")
    till.use("0.5", "2022-01-20")

    assert till.bill("2022-02-01")[0] == [
        ("Prepayment", 1, 20, "2022-01-01/2022-01-31"),
        ("More", 1, 3, "2022-01-15/2022-01-15"),
        ("Drawdown", 0.6, 3, "2022-01-01/2022-01-31"),
    ]
    till.audit()


@pytest.mark.parametrize(
    ("option", "credited"),
    [("TimeBased", 60.49), ("ConsumptionBased", 30), ("FullCreditBack", 120)],
)
def test_u_15_to_17_what_a_fund_is_credited_is_a_credit_memo(
    api: Api, option: str, credited: float
) -> None:
    till = Till(api, prepaid(120, 120), drawn("1.5"))
    till.use(90, "2022-03-10")
    till.bill("2022-01-01")
    with writing(api) as books:
        (fund,) = books.funds.list()
        minor = credit_minor(option, fund, Currency.of("USD"), JULY)
        credit_fund(books, CreditFund(fund_id=fund.id, day=JULY, credit_minor=minor))

    assert till.bill("2022-06-30") == ([], [])
    memo = ("Prepayment", None, credited, "2022-07-01/2022-12-31")
    assert till.bill("2022-07-01") == ([], [memo])
    assert till.bill("2022-12-01") == ([], [])
    till.audit()


def test_every_damage_of_what_was_billed_is_found(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    till.use(150, "2022-01-05")
    till.bill("2022-02-01")
    till.use(10, "2022-01-06")
    till.run("2022-03-01")

    assert missed(api, "billed_damages.sql") == []


def test_every_check_of_what_was_billed_has_a_damage() -> None:
    source = Path(audit_billed.__file__).read_text()
    checks = set(re.findall(r'check = "([^"]+)"', source))

    assert checks == {check for check, _ in damages_of("billed_damages.sql")}


def test_a_bill_run_drafts_for_everybody_and_is_posted(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    record = till.use(150, "2022-01-05")

    run = till.run("2022-02-01", name="February", chargeTypeToExclude=["recurring"])

    assert (run["billRunNumber"], run["status"], run["name"]) == (
        "BR-00000001",
        "Completed",
        "February",
    )
    assert (run["documentCount"], run["errors"]) == (1, [])
    (draft,) = till.documents(run)
    assert (draft.status, draft.source, draft.source_type) == ("Draft", "BillRun", "Subscription")
    assert (draft.amount_minor, draft.target_date) == (10000, date(2022, 2, 1))
    assert till.status(record) == ["Processed"]
    assert api.delete(f"{RUNS}/{run['id']}").json()["success"] is False

    posted = api.put(f"{RUNS}/{run['id']}/post", {"invoiceDate": "2022-12-02"}).json()
    assert (posted["success"], posted["status"]) == (True, "Posted")
    (document,) = till.documents(run)
    assert (document.status, document.document_date) == ("Posted", date(2022, 12, 2))
    assert api.put(f"{RUNS}/BR-00000001/cancel").json()["success"] is False
    assert [one["id"] for one in api.found(RUNS)["billRuns"]] == [run["id"]]
    till.audit()


def test_a_canceled_bill_run_leaves_nothing_behind(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    record = till.use(150, "2022-01-05")
    run = till.run("2022-02-01")

    assert api.put(f"{RUNS}/{run['id']}/cancel").json()["status"] == "Canceled"

    assert till.documents(run) == ()
    assert till.status(record) == ["Pending"]
    assert api.delete(f"{RUNS}/{run['id']}").json() == {"id": run["id"], "success": True}
    assert api.get(f"{RUNS}/{run['id']}").status_code == 404
    assert till.run("2022-02-01", autoPost=True)["status"] == "Posted"
    till.audit()


def test_who_cannot_be_billed_keeps_nobody_else_from_it(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    with writing(api) as books:
        other = builders.account(books)
        plan = builders.rate_plan(books, "Other")
        builders.charge(books, plan)  # It names no accounting codes.
        builders.sell(books, other, plan, start=date(2022, 1, 1))
    api.settings(allow_blank_accounting_codes=False)

    run = till.run("2022-01-01")

    (error,) = run["errors"]
    assert (run["status"], run["documentCount"]) == ("Completed", 1)
    assert error["accountNumber"] == other.number
    assert "needs an accounting code" in error["message"]
    only = {"filterType": "Account", "accountId": other.number}
    assert till.run("2022-01-01", batches=None, billRunFilters=[only])["status"] == "Error"


def test_a_bill_run_of_one_subscription(api: Api) -> None:
    till = Till(api, prepaid(100, 100), drawn(2))
    number = till.sold.subscription.number
    only = {"filterType": "Subscription", "subscriptionId": number}

    run = till.run("2022-01-01", batches=None, billRunFilters=[only])

    assert (run["documentCount"], run["billRunFilters"]) == (1, [only])
    assert [one.amount_minor for one in till.documents(run)] == [10000]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"targetDate": None}, "'targetDate' may not be null"),
        ({"batches": None}, "'batches' or 'billRunFilters' may not be null"),
        ({"batches": ["Batch7"]}, "'batches' value should be AllBatches"),
        ({"billCycleDay": "3"}, "'billCycleDay' value should be AllBillCycleDays"),
        ({"schedule": {}}, "'schedule' is not supported: have the run created on its day"),
        (
            {"billRunFilters": [{"filterType": "Account", "accountId": "x"}]},
            "'batches' and 'billRunFilters' cannot be specified together",
        ),
        (
            {"batches": None, "billRunFilters": [{"filterType": "InvoiceSchedule"}]},
            "'billRunFilters' should all have the filterType Account, or all Subscription",
        ),
        (
            {"batches": None, "billRunFilters": [{"filterType": "Account", "accountId": "x"}]},
            "Cannot find entity by key: 'x'.",
        ),
        (
            {"chargeTypeToExclude": ["gift"]},
            "'chargeTypeToExclude' value should be one of: OneTime, Recurring, Usage",
        ),
    ],
)
def test_bill_runs_that_cannot_be(wire: Api, body: dict[str, Any], message: str) -> None:
    sound = {"targetDate": "2022-01-01", "batches": ["AllBatches"]}

    answer = wire.post(RUNS, sound | body).json()

    assert [reason["message"] for reason in answer["reasons"]] == [message]
