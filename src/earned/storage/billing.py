"""What the books say of billing documents as a whole, in one statement however many there are."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, literal, or_, select

from earned.domain.action_items import ActionItem
from earned.domain.billing import DocumentStatus
from earned.domain.tenancy import Scope
from earned.storage.pipeline import Connected
from earned.storage.repository import visible_rows
from earned.storage.tables.accounts import account
from earned.storage.tables.billing import billing_document
from earned.storage.tables.subscriptions import subscription
from earned.storage.types import Instant


class BillingBooks(Connected):
    """The part of the books that looks at all documents, beside the repositories."""

    scope: Scope

    def draft_documents(self, through: date, at: datetime | None = None) -> Sequence[ActionItem]:
        """Return the billing documents dated up to `through` that are drafts, by day.

        With `at`, those that were drafts at that moment.
        """
        document = billing_document.c
        drafts = (
            select(document.kind, document.number, document.document_date)
            .where(
                document.entity_id == self.scope.entity_id,
                *_were_drafts(at),
                document.document_date <= through,
            )
            .order_by(document.document_date, document.number)
        )
        return [
            ActionItem(f"draft {kind.words}", number, day)
            for kind, number, day in self.connection.execute(drafts)
        ]

    def paying_accounts(self, after: str, limit: int) -> Sequence[str]:
        """Return the ids beyond `after`, in order, of accounts that pay for subscriptions."""
        payer = subscription.c.invoice_owner_id
        visible = visible_rows(account, self.scope.organization_ids)
        payers = (
            select(payer)
            .join_from(subscription, account, account.c.id == payer)
            .where(subscription.c.entity_id == self.scope.entity_id, payer > after)
            .where(*([] if visible is None else [visible]))
            .distinct()
            .order_by(payer)
            .limit(limit)
        )
        return list(self.connection.execute(payers).scalars())


def _were_drafts(at: datetime | None) -> Sequence[ColumnElement[bool]]:
    document = billing_document.c
    if at is None:
        return [document.status == DocumentStatus.DRAFT]
    moment = literal(at, Instant())
    later = (or_(end.is_(None), end > moment) for end in (document.posted_at, document.canceled_at))
    return [document.created_at <= moment, *later]
