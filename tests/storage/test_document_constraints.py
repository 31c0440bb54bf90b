"""Rows of billing documents that cannot be: the database itself refuses them, whoever writes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.api import Api, serving
from tests.http.billing import CREDIT_MEMOS, Shop

WRONG = (
    "UPDATE billing_document SET status = 'Open'",
    "UPDATE billing_document SET kind = 'Receipt'",
    "UPDATE billing_document SET amount_minor = -1",
    "UPDATE billing_document SET posted_at = NULL, posted_by = NULL WHERE status = 'Posted'",
    "UPDATE billing_document SET posted_by = NULL WHERE status = 'Posted'",
    "UPDATE billing_document SET status = 'Draft' WHERE status = 'Posted'",
    "UPDATE billing_document SET status = 'Canceled' WHERE status = 'Posted'",
    "UPDATE billing_document SET number = 'INV-00000001' WHERE number = 'INV-00000002'",
    "UPDATE billing_document_item SET amount_minor = NULL",
    "UPDATE billing_document_item SET service_end = '2020-01-01'",
    "UPDATE billing_document_item SET charge_id = NULL WHERE charge_id IS NOT NULL",
    "UPDATE billing_document_item SET recognized_by = 'Luck'",
    "UPDATE billing_document_item SET processing_type = 'Tax'",
    "UPDATE billing_document_item SET contra_code_type = NULL",
    "UPDATE billing_document_item SET source_item_id = 'nothing'",
    "UPDATE invoice_item_adjustment SET amount_minor = 0",
    "UPDATE invoice_item_adjustment SET status = 'Canceled'",
    "UPDATE invoice_item_adjustment SET type = 'Gift'",
    "UPDATE revenue_schedule SET linked_id = (SELECT min(linked_id) FROM revenue_schedule)",
    "UPDATE revenue_schedule SET linked_id = NULL WHERE linked_id IS NOT NULL",
    "UPDATE revenue_schedule SET reverses_id = (SELECT min(id) FROM revenue_schedule)",
    "UPDATE revenue_schedule SET reference_id = 'x' WHERE linked_id IS NOT NULL",
    "DELETE FROM billing_document",
    "DELETE FROM billing_document_item",
)


@pytest.mark.parametrize("statement", WRONG)
def test_a_wrong_row_is_refused(migrated_database_url: str, statement: str) -> None:
    with serving(migrated_database_url) as api:
        _bill(api)
        engine = api.application.database.engine

        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(statement))


def _bill(api: Api) -> None:
    shop = Shop(api)
    invoice = shop.posted()
    shop.draft()
    shop.adjust(invoice, 1)
    shop.memo_of(CREDIT_MEMOS, invoice, 1)
