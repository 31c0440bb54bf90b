"""Usage that is rated by group (U 2.20): the documented example, billed and audited."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.charge import Tier
from earned.services.audit_books import audit_books
from earned.services.change_usage import ChangeUsage, change_usage
from earned.services.collect_revenue import collect_revenue
from earned.services.generate_documents import GenerateDocuments, generate_documents
from earned.services.ports import Books
from earned.services.read_rate_detail import read_rate_detail
from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import keeping

GROUPS = ("ByBillingPeriod", "ByUsageStartDate", "ByUsageRecord", "ByUsageUpload", "ByGroupId")
# 11.00 a unit up to 50 units, 10.00 for all of up to 100, and 9.00 for all of more.
PRICES = ((50, "11"), (100, "10"), (None, "9"))
FILES = {
    "1": [("2018-01-01", 20), ("2018-01-16", 90), ("2018-02-01", 80), ("2018-02-16", 15)],
    "2": [("2018-01-01", 50), ("2018-02-16", 100)],
}


@pytest.fixture
def books(founded_database_url: str) -> Iterator[Books]:
    """Lend books with a charge for each rating group, and the usage of two files on all of them."""
    with keeping(founded_database_url) as keeper, builders.writing(keeper) as lent:
        plan = builders.rate_plan(lent)
        tiers = tuple(
            Tier(
                currency="USD",
                tier=at,
                ending_unit=None if end is None else Decimal(end),
                price=Decimal(price),
            )
            for at, (end, price) in enumerate(PRICES, 1)
        )
        for group in GROUPS:
            volume: dict[str, Any] = {"charge_type": "Usage", "charge_model": "Volume"}
            facts = {**volume, "uom": "Token", "billing_timing": None, "tiers": tiers}
            builders.unit(lent)
            builders.charge(lent, plan, name=group, rating_group=group, **facts)
        builders.sell(lent, builders.account(lent, number="A-1"), plan, start=date(2018, 1, 1))
        for file, rows in FILES.items():
            for day, quantity in rows:
                use(lent, day, quantity, file)
        yield lent
        collect_revenue(lent)
        assert list(audit_books(lent, Counter())) == []


def use(books: Books, day: str, quantity: int, file: str) -> Any:
    fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": day, "Quantity": quantity}
    custom = {"GroupId__c": file}
    (made,) = record_usage(
        books, [RecordUsage(fields=fields, import_id=file * 32, custom_fields=custom)]
    )
    return made


def bill(books: Books, target: date) -> dict[str, tuple[int, int]]:
    """Bill through a day; return quantity and amount of the item of each charge."""
    command = GenerateDocuments(account_key="A-1", target_date=target, effective_date=target)
    ids = [document.id for document in generate_documents(books, command)]
    return {
        item.charge_name: (int(item.quantity or 0), item.amount_minor // 100)
        for item in books.document_items.list(document_id=ids)
    }


def test_each_group_is_rated_by_itself_and_billed_with_the_others(books: Books) -> None:
    assert bill(books, date(2018, 2, 1)) == {
        "ByBillingPeriod": (160, 1440),
        "ByUsageStartDate": (160, 1600),
        "ByUsageRecord": (160, 1670),
        "ByUsageUpload": (160, 1540),
        "ByGroupId": (160, 1540),
    }
    assert bill(books, date(2018, 3, 1)) == {
        "ByBillingPeriod": (195, 1755),
        "ByUsageStartDate": (195, 1835),
        "ByUsageRecord": (195, 1965),
        "ByUsageUpload": (195, 1950),
        "ByGroupId": (195, 1950),
    }


def test_late_usage_of_a_group_is_billed_as_the_difference(books: Books) -> None:
    bill(books, date(2018, 2, 1))
    use(books, "2018-01-16", 11, "1")

    assert bill(books, date(2018, 2, 1)) == {
        "ByBillingPeriod": (11, 99),
        "ByUsageStartDate": (11, 9),  # 101 units of a day for 909.00, not 90 for 900.00.
        "ByUsageRecord": (11, 121),
        "ByUsageUpload": (11, 99),
        "ByGroupId": (11, 99),
    }


def test_a_group_that_comes_late_names_no_item_until_it_is_billed(books: Books) -> None:
    bill(books, date(2018, 2, 1))
    use(books, "2018-01-20", 3, "3")
    assert list(audit_books(books, Counter())) == []

    use(books, "2018-01-21", -3, "4")  # A group that never comes to anything.
    assert bill(books, date(2018, 2, 1))["ByUsageStartDate"] == (3, 33)


def test_a_record_moves_to_the_group_it_is_given(books: Books) -> None:
    made = use(books, "2018-01-20", 1, "2")
    change_usage(books, ChangeUsage(id=made.id, fields={}, custom_fields={"GroupId__c": "1"}))

    assert bill(books, date(2018, 2, 1))["ByGroupId"] == (161, 1549)


def test_the_rate_detail_tells_each_group(books: Books) -> None:
    bill(books, date(2018, 2, 1))
    (item,) = books.document_items.list(charge_name="ByUsageStartDate")

    assert read_rate_detail(books, item.id).detail == (
        "Group 2018-01-01\n"
        "Tier 2: 51-100, 70 Token(s) x $10.00/Token = $700.00\n"
        "Group 2018-01-16\n"
        "Tier 2: 51-100, 90 Token(s) x $10.00/Token = $900.00\n"
        "Total = $1,600.00"
    )
