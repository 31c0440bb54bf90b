"""What funds in currency have not paid is billed (U 2.8)."""

from collections import Counter
from datetime import date

from earned.services.audit_books import audit_books
from earned.services.generate_documents import GenerateDocuments, generate_documents
from earned.services.read_rate_detail import read_rate_detail
from earned.services.redraw import redraw
from tests.api import Api
from tests.builders import writing
from tests.http.test_currency_funds import VOLUME, sell_money, use
from tests.http.test_pools import left
from tests.http.test_usage import URL


def bill(api: Api, target: date) -> list[tuple[str, int, int]]:
    """Bill through a day; return charge, quantity and cents of each item."""
    command = GenerateDocuments(
        account_key="A00000001", target_date=target, effective_date=target, auto_post=True
    )
    with writing(api) as books:
        ids = [document.id for document in generate_documents(books, command)]
        items = books.document_items.list(document_id=ids, order_by=["document_id", "place"])
        assert list(audit_books(books, Counter())) == []
    return [(item.charge_name, int(item.quantity or 0), item.amount_minor) for item in items]


def test_what_money_has_not_paid_is_billed_once(api: Api) -> None:
    with writing(api) as books:
        sell_money(books, "100", "90")
    use(api, 30)
    assert bill(api, date(2026, 2, 1)) == [("Prepayment", 1, 9000)]

    use(api, 30, 20)
    use(api, 5, 25)

    assert bill(api, date(2026, 2, 1)) == [("Drawdown", 15, 3000)]
    assert sum(minor for _, _, minor in bill(api, date(2026, 2, 1))) == 0
    with writing(api) as books:
        shares = [row.amount_minor for row in books.processed_usage.list(order_by=["id"])]
        assert shares == [2000, 1000]
        (item,) = books.document_items.list(charge_name="Drawdown")
        assert read_rate_detail(books, item.id).detail == (
            "65 Call(s) x $2.00/Call = $130.00\nPaid by funds = -$100.00\nTotal = $30.00"
        )
        assert {row.status for row in books.guided_usage.list()} == {"Processed"}


def test_what_was_billed_is_not_paid_by_money_that_comes_back(api: Api) -> None:
    with writing(api) as books:
        sold = sell_money(books, "900", "900", tiers=VOLUME)
    first = use(api, 20)
    last = use(api, 90, 11)
    (_, overage) = bill(api, date(2026, 2, 1))
    assert overage[2] == 9000

    # Of 990.00 a fund paid 900.00; 90 at 10.00 are 900.00 again, of which 90.00 are billed.
    assert api.delete(f"{URL}/{first}").status_code == 200

    assert api.found(f"{URL}/{last}")["RbeStatus"] == "Processed"
    with writing(api) as books:
        assert redraw(books, [sold.balances[0].id]) == 0
    assert left(api) == {"A-S00000001_USD": 90}
    assert sum(minor for _, _, minor in bill(api, date(2026, 2, 1))) == 0
