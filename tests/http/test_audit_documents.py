"""The audit finds what was damaged by hand in billing documents, and nothing in sound ones."""

import re
from collections import Counter
from pathlib import Path

import pytest

import earned
from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Api
from tests.damages import damages_of, missed
from tests.http.billing import ADJUSTMENTS, CREDIT_MEMOS, DEBIT_MEMOS, INVOICES, Shop

JAN = "Jan'2024"
TYPES = (
    *("Invoice Item", "Invoice Item Adjustment (Invoice)", "Revenue Event Item"),
    *("Debit Memo Item (Charge)", "Credit Memo Item (Charge)"),
)
SCRIPT = "document_damages.sql"

# Where a check names itself in the source.
NAMED = re.compile(r'check = "([^"]+)"')


@pytest.fixture(autouse=True)
def _books(api: Api) -> None:
    """Bill of each kind, cancel of each kind, and journal it."""
    shop = Shop(api)
    invoice = shop.posted()
    shop.draft()
    canceled = shop.memo(CREDIT_MEMOS, autoPost=True)
    shop.memo(DEBIT_MEMOS, autoPost=True)
    shop.adjust(invoice, 10)
    adjustment = shop.adjust(invoice, 20)
    shop.run(JAN, *TYPES)
    shop.put(f"{CREDIT_MEMOS}/{canceled['id']}/cancel")
    api.put(f"{ADJUSTMENTS}/{adjustment}", {"Status": "Canceled"})
    never = shop.draft()
    shop.put(f"{INVOICES}/{never['id']}/cancel")
    shop.run(JAN, *TYPES)


def test_sound_documents_are_clean(api: Api) -> None:
    counted: Counter[str] = Counter()
    with builders.writing(api) as books:
        assert list(audit_books(books, counted)) == []

    assert (counted["billing documents"], counted["invoice item adjustments"]) == (5, 2)
    assert counted["revenue schedules"] == 7


def test_every_damage_is_found(api: Api) -> None:
    assert missed(api, SCRIPT) == []


def test_every_check_has_a_damage() -> None:
    source = Path(earned.__file__).parent / "domain" / "audit_billing.py"

    assert set(NAMED.findall(source.read_text())) == {check for check, _ in damages_of(SCRIPT)}
