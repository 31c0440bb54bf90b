"""What the books say of billing documents as a whole, in one statement however many there are."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select

from earned.domain.action_items import ActionItem
from earned.domain.billing import DocumentStatus
from earned.domain.tenancy import Scope
from earned.storage.tables.billing import billing_document


class BillingBooks:
    """The part of the books that looks at all documents, beside the repositories."""

    connection: Connection
    scope: Scope

    def draft_documents(self, through: date) -> Sequence[ActionItem]:
        """Return the billing documents dated up to `through` that are drafts yet, by day."""
        document = billing_document.c
        drafts = (
            select(document.kind, document.number, document.document_date)
            .where(
                document.entity_id == self.scope.entity_id,
                document.status == DocumentStatus.DRAFT,
                document.document_date <= through,
            )
            .order_by(document.document_date, document.number)
        )
        return [
            ActionItem(f"draft {kind.words}", number, day)
            for kind, number, day in self.connection.execute(drafts)
        ]
