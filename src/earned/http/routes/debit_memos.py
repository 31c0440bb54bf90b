"""Debit memos: `/v1/debit-memos`."""

from earned.domain.billing import DocumentKind
from earned.http.billing_answers import present_debit_memo
from earned.http.billing_models import DebitMemoAnswer
from earned.http.memos import Memos, memo_operations

OPERATIONS = memo_operations(
    Memos(
        kind=DocumentKind.DEBIT_MEMO,
        resource=509200,
        path="/v1/debit-memos",
        tag="Debit memos",
        key="debit-memo-key",
        item_key="debit-memo-item-id",
        present=present_debit_memo,
        answer=DebitMemoAnswer,
    )
)
