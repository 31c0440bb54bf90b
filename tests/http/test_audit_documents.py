"""The audit finds what was damaged by hand in billing documents, and nothing in sound ones."""

from collections import Counter
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from earned.domain.audit import Break
from earned.domain.tenancy import Entity, Scope
from earned.services.audit_books import audit_books
from tests.api import Api
from tests.http.billing import ADJUSTMENTS, CREDIT_MEMOS, DEBIT_MEMOS, INVOICES, Shop

JAN = "Jan'2024"
TYPES = (
    *("Invoice Item", "Invoice Item Adjustment (Invoice)", "Revenue Event Item"),
    *("Debit Memo Item (Charge)", "Credit Memo Item (Charge)"),
)
DRAFTS = "(SELECT id FROM billing_document WHERE status = 'Draft')"

DAMAGES = {
    "billing document is the sum of its items": (
        "UPDATE billing_document SET amount_minor = 1 WHERE status = 'Draft'",
        "UPDATE billing_document_item SET amount_minor = amount_minor + 1",
        f"DELETE FROM billing_document_item WHERE document_id IN {DRAFTS}",  # noqa: S608 - Ours.
    ),
    "revenue schedule has the amount of its billing transaction": (
        "UPDATE billing_document_item SET amount_minor = amount_minor + 1",
        "UPDATE invoice_item_adjustment SET amount_minor = 9",
        "UPDATE revenue_schedule SET amount_minor = 9 WHERE linked_number = 'INV-00000001'",
    ),
    "posted billing has its revenue schedule": (
        "UPDATE revenue_schedule SET linked_id = 'other' WHERE linked_number = 'INV-00000001'",
    ),
    "revenue schedule has its billing transaction": (
        "UPDATE revenue_schedule SET linked_id = 'other' WHERE linked_number = 'INV-00000001'",
    ),
    "canceled billing is posted back": (
        "UPDATE billing_document_item SET reversal_id = NULL WHERE reversal_id IS NOT NULL",
        "UPDATE billing_document_item SET reversal_id = id WHERE reversal_id IS NULL",
    ),
    "revenue of canceled billing is taken back": (
        (
            "UPDATE revenue_schedule SET reverses_id = NULL, linked_id = 'other'"
            " WHERE linked_number = 'CM-00000001' AND reverses_id IS NOT NULL"
        ),
        "UPDATE revenue_schedule SET amount_minor = 9 WHERE reverses_id IS NOT NULL",
    ),
}
EACH = [(check, statement) for check, statements in DAMAGES.items() for statement in statements]


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


def audited(api: Api, statement: str = "") -> tuple[Sequence[Break], Counter[str]]:
    """Damage rows behind the back of the books if asked to, audit them, and undo the damage."""
    entity = api.application.clients.list(Entity)[0]
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    counted: Counter[str] = Counter()
    with api.application.database.writing() as transaction:
        books = transaction.books(scope)
        damaging = transaction.connection.begin_nested()
        if statement:
            assert transaction.connection.execute(text(statement)).rowcount > 0
        found = list(audit_books(books, counted))
        damaging.rollback()
    return found, counted


def test_sound_documents_are_clean(api: Api) -> None:
    breaks, counted = audited(api)

    assert breaks == []
    assert (counted["billing documents"], counted["invoice item adjustments"]) == (5, 2)
    assert counted["revenue schedules"] == 7


@pytest.mark.parametrize(("check", "statement"), EACH)
def test_damage_is_found(api: Api, check: str, statement: str) -> None:
    breaks, _ = audited(api, statement)

    assert check in {one.check for one in breaks}
