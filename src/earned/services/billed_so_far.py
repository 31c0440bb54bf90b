"""What documents in force have billed of charges: what billing compares with what is due."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal

from earned.domain.billing import (
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    DocumentStatus,
    SourceType,
)
from earned.domain.due import Billed, ByHand, Hands
from earned.domain.exact import ZERO, multiply
from earned.services.batches import batches
from earned.services.ports import Books

IN_FORCE = (DocumentStatus.DRAFT, DocumentStatus.POSTED)


class BilledSoFar:
    """What was billed of some charges, drafts too: by billing itself, and by hand.

    Memos and adjustments that somebody made take off what is owed, not what was billed: they are
    not billed again. An invoice or debit memo of a charge that somebody made bills its days.
    """

    def __init__(self, books: Books, charge_ids: Collection[str]) -> None:
        """Look at every document in force that bills one of the charges."""
        self._funds: dict[str, list[Billed]] = defaultdict(list)
        self._charges: dict[tuple[str, int], list[Billed]] = defaultdict(list)
        self._hands: dict[str, Hands] = defaultdict(Hands)
        for ids in batches(sorted(charge_ids)):
            self._count(books, books.document_items.list(charge_id=ids, order_by=["id"]))

    def of_fund(self, fund_id: str) -> Sequence[Billed]:
        """Return what was billed of a fund."""
        return self._funds.get(fund_id, ())

    def of_charge(self, charge_id: str, segment: int) -> Sequence[Billed]:
        """Return what was billed of the billing or service periods of a charge segment."""
        return self._charges.get((charge_id, segment), ())

    def by_hand(self, charge_id: str) -> Hands:
        """Return what was billed of a charge by hand, to be used up."""
        return self._hands[charge_id]

    def _count(self, books: Books, items: Sequence[BillingDocumentItem]) -> None:
        documents: dict[str, BillingDocument] = {}
        for ids in batches(dict.fromkeys(item.document_id for item in items)):
            found = books.documents.list(id=ids, status=IN_FORCE)
            documents |= {document.id: document for document in found}
        for item in items:
            document = documents.get(item.document_id)
            if document is None:
                continue
            if document.source_type is SourceType.SUBSCRIPTION:
                self._count_in(document, item)
            elif document.kind is not DocumentKind.CREDIT_MEMO and item.charge_id:
                by_hand = ByHand(item.service, max(item.amount_minor, 0))
                self._hands[item.charge_id].items.append(by_hand)

    def _count_in(self, document: BillingDocument, item: BillingDocumentItem) -> None:
        sign = document.kind.sign
        quantity = multiply(item.quantity or ZERO, Decimal(sign))
        minor, service = sign * item.amount_minor, item.service
        billed = Billed(service.start, minor, quantity, service.end)
        if item.fund_id:
            self._funds[item.fund_id].append(billed)
        elif item.charge_id:
            self._charges[item.charge_id, item.charge_segment or 1].append(billed)
