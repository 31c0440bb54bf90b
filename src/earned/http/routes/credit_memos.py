"""Credit memos: `/v1/credit-memos`."""

from earned.domain.billing import DocumentKind
from earned.http.billing_answers import present_credit_memo
from earned.http.billing_models import CreditMemoAnswer
from earned.http.memos import Memos, memo_operations

OPERATIONS = memo_operations(
    Memos(
        kind=DocumentKind.CREDIT_MEMO,
        resource=509100,
        path="/v1/credit-memos",
        tag="Credit memos",
        key="credit-memo-key",
        item_key="credit-memo-item-id",
        present=present_credit_memo,
        answer=CreditMemoAnswer,
    )
)
