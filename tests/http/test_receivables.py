"""The report on receivables: rolled forward by billing documents, as of any moment (R 6.1)."""

from typing import Any

from tests import builders
from tests.api import Api
from tests.http.billing import CREDIT_MEMOS, DEBIT_MEMOS, INVOICES, Shop

REPORT = "/v1/reports/receivables"
JAN, FEB = "Jan'2024", "Feb'2024"
AMOUNTS = ("opening", "invoices", "debitMemos", "adjustments", "creditMemos", "closing")


def rows(api: Api, query: str = "") -> list[tuple[Any, ...]]:
    """Return currency, period, status and amounts of each row, and of the totals after them."""
    report = api.found(f"{REPORT}{query}")
    names = ("currency", "accountingPeriodName", "status", *AMOUNTS)
    return [tuple(row[name] for name in names) for row in (*report["rows"], *report["totals"])]


def bill(shop: Shop) -> dict[str, Any]:
    """Bill 300 and adjust by -20 in January; bill 100, credit 30 and debit 7 in February."""
    invoice = shop.posted()
    shop.adjust(invoice, 20)
    shop.close(JAN)
    shop.posted(shop.item(100), invoiceDate="2024-02-01")
    shop.memo_of(CREDIT_MEMOS, invoice, 30, effectiveDate="2024-02-02")
    return shop.memo(DEBIT_MEMOS, 7, effectiveDate="2024-02-03", autoPost=True)


def test_receivables_roll_forward_from_period_to_period(api: Api) -> None:
    shop = Shop(api)
    bill(shop)
    shop.draft(invoiceDate="2024-02-01")

    assert rows(api) == [
        ("USD", JAN, "closed", 0, 300, 0, -20, 0, 280),
        ("USD", FEB, "open", 280, 100, 7, 0, 30, 357),
        ("USD", "Mar'2024", "open", 357, 0, 0, 0, 0, 357),
        ("USD", "Apr'2024", "open", 357, 0, 0, 0, 0, 357),
        ("USD", None, None, 0, 400, 7, -20, 30, 357),
    ]
    assert rows(api, f"?from={FEB}&to={FEB}") == [
        ("USD", FEB, "open", 280, 100, 7, 0, 30, 357),
        ("USD", None, None, 280, 100, 7, 0, 30, 357),
    ]


def test_they_are_what_the_trial_balance_says(api: Api) -> None:
    shop = Shop(api)
    bill(shop)

    assert shop.balance(FEB)["Receivable"] == ("280.00", "107.00", "30.00", "357.00")


def test_what_is_canceled_was_owed_until_then(api: Api) -> None:
    shop = Shop(api)
    debit = bill(shop)
    before = rows(api)
    api.clock.now = api.clock.now.replace(minute=30)
    shop.put(f"{DEBIT_MEMOS}/{debit['id']}/cancel")

    assert rows(api)[1] == ("USD", FEB, "open", 280, 100, 0, 0, 30, 350)
    assert rows(api, "?asOf=2026-01-15T12:15:00Z") == before
    assert rows(api, "?asOf=2026-01-15T11:00:00Z") == []


def test_receivables_of_one_customer_and_of_each_currency(api: Api) -> None:
    shop = Shop(api)
    shop.posted()
    with builders.writing(api) as books:
        other = builders.account(books, currency="JPY")
    item = {"amount": 500, "chargeName": "Setup", "serviceStartDate": "2024-01-15"}
    body = {"accountId": other.id, "invoiceDate": "2024-01-15", "status": "Posted"}
    api.made(INVOICES, {**body, "invoiceItems": [item]})

    only = f"?from={JAN}&to={JAN}"
    assert [row[:2] + row[-1:] for row in rows(api, only)] == [
        ("JPY", JAN, 500),
        ("USD", JAN, 300),
        ("JPY", None, 500),
        ("USD", None, 300),
    ]
    assert rows(api, f"{only}&accountKey={other.number}") == [
        ("JPY", JAN, "open", 0, 500, 0, 0, 0, 500),
        ("JPY", None, None, 0, 500, 0, 0, 0, 500),
    ]


def test_receivables_as_a_file(api: Api) -> None:
    shop = Shop(api)
    shop.posted()

    text = api.get(f"{REPORT}?from={JAN}&to={JAN}&format=csv").text

    assert text.splitlines() == [
        f"line,currency,accountingPeriodName,status,{','.join(AMOUNTS)}",
        f"row,USD,{JAN},open,0.00,300.00,0.00,0.00,0.00,300.00",
        "total,USD,,,0.00,300.00,0.00,0.00,0.00,300.00",
    ]
