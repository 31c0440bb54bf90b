"""Credit and debit memos: the same operations under two paths."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel

from earned.domain.billing import DocumentKind
from earned.http.answers import V1Answer
from earned.http.billing_answers import present_memo_item
from earned.http.billing_models import (
    FinanceInformation,
    MemoCharge,
    MemoInvoiceItem,
    MemoItemAnswer,
    MemoItemList,
    MemoOfCharges,
    MemoOfInvoice,
)
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import custom_fields
from earned.services.cancel_document import NamedDocument, cancel_document, delete_document
from earned.services.draft_document import DocumentFacts, DraftDocument, draft_document
from earned.services.draft_items import NewItem
from earned.services.draft_memo import DraftMemo, MemoItem, draft_memo
from earned.services.item_codes import NO_CODES, NamedCodes
from earned.services.ports import Books
from earned.services.post_document import PostDocument, post_document
from earned.services.read_documents import (
    DocumentView,
    read_document,
    read_item,
    read_items,
    view_document,
)
from earned.services.work import single

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Memos:
    """One of the two families: its kind, where it is, and how it looks."""

    kind: DocumentKind
    resource: int
    path: str
    tag: str
    key: str
    item_key: str
    present: Callable[[DocumentView], dict[str, Any]]
    answer: type[BaseModel]

    @property
    def words(self) -> str:
        """What people call one."""
        return self.kind.words

    @property
    def suffix(self) -> str:
        """How the names of its operations end."""
        return self.kind.value

    @property
    def one(self) -> str:
        """The path of one memo."""
        return f"{self.path}/{{{self.key}}}"


def memo_operations(memos: Memos) -> tuple[Operation, ...]:
    """Return the rows of a family."""
    return (*_creating(memos), *_reading(memos), *_changing(memos))


def _creating(memos: Memos) -> tuple[Operation, ...]:
    created = partial(_created, memos)
    return (
        Operation(
            method="POST",
            path=memos.path,
            id=f"POST_{memos.suffix}FromPrpc",
            tag=memos.tag,
            summary=f"Create a {memos.words} from charges",
            resource=memos.resource,
            body=MemoOfCharges,
            answer=memos.answer,
            work=Write(single(_drafted, structural=False), partial(_of_charges, memos), created),
        ),
        Operation(
            method="POST",
            path=f"{memos.path}/invoice/{{invoice-key}}",
            id=f"POST_{memos.suffix}FromInvoice",
            tag=memos.tag,
            summary=f"Create a {memos.words} from an invoice",
            resource=memos.resource,
            body=MemoOfInvoice,
            answer=memos.answer,
            work=Write(
                single(_drafted_of_invoice, structural=False), partial(_of_invoice, memos), created
            ),
        ),
    )


def _reading(memos: Memos) -> tuple[Operation, ...]:
    return (
        Operation(
            method="GET",
            path=memos.one,
            id=f"GET_{memos.suffix}",
            tag=memos.tag,
            summary=f"Retrieve a {memos.words}",
            answer=memos.answer,
            work=Read(partial(_get, memos)),
        ),
        Operation(
            method="GET",
            path=f"{memos.one}/items",
            id=f"GET_{memos.suffix}Items",
            tag=memos.tag,
            summary=f"List the items of a {memos.words}",
            parameters=page_parameters(PAGE_SIZE),
            answer=MemoItemList,
            work=Read(partial(_items, memos)),
        ),
        Operation(
            method="GET",
            path=f"{memos.one}/items/{{{memos.item_key}}}",
            id=f"GET_{memos.suffix}Item",
            tag=memos.tag,
            summary=f"Retrieve an item of a {memos.words}",
            answer=MemoItemAnswer,
            work=Read(partial(_item, memos)),
        ),
    )


def _changing(memos: Memos) -> tuple[Operation, ...]:
    named, changed = partial(_named, memos), partial(_created, memos)
    return (
        Operation(
            method="PUT",
            path=f"{memos.one}/post",
            id=f"PUT_Post{memos.suffix}",
            tag=memos.tag,
            summary=f"Post a {memos.words}",
            answer=memos.answer,
            work=Write(
                single(_posted, structural=False),
                partial(_to_post, memos),
                partial(_created, memos),
            ),
        ),
        Operation(
            method="PUT",
            path=f"{memos.one}/cancel",
            id=f"PUT_Cancel{memos.suffix}",
            tag=memos.tag,
            summary=f"Cancel a {memos.words}",
            answer=memos.answer,
            work=Write(single(_canceled, structural=False), named, changed),
        ),
        Operation(
            method="DELETE",
            path=memos.one,
            id=f"DELETE_{memos.suffix}",
            tag=memos.tag,
            summary=f"Delete a {memos.words} that was never posted",
            answer=V1Answer,
            work=Write(single(delete_document, structural=False), named, _deleted),
        ),
    )


def _of_charges(memos: Memos, call: Call) -> DraftDocument:
    body: MemoOfCharges = call.body
    sent = call.payload["charges"]
    return DraftDocument(
        kind=memos.kind,
        account_id=body.account_id,
        account_number=body.account_number,
        currency=body.currency,
        facts=_facts(memos, call, body.number),
        items=[_charge(*pair) for pair in zip(body.charges, sent, strict=True)],
    )


def _of_invoice(memos: Memos, call: Call) -> DraftMemo:
    body: MemoOfInvoice = call.body
    sent = call.payload["items"]
    return DraftMemo(
        kind=memos.kind,
        invoice_key=call.path["invoice-key"],
        invoice_id=body.invoice_id,
        facts=_facts(memos, call, None),
        items=[_invoice_item(*pair) for pair in zip(body.items, sent, strict=True)],
    )


def _facts(memos: Memos, call: Call, number: str | None) -> DocumentFacts:
    body: MemoOfCharges | MemoOfInvoice = call.body
    is_due = memos.kind is DocumentKind.DEBIT_MEMO
    return DocumentFacts(
        document_date=body.effective_date,
        due_date=body.due_date if is_due else None,
        number=number,
        reason_code=body.reason_code,
        comment=body.comment,
        auto_pay=bool(body.auto_pay) and is_due,
        post=bool(body.auto_post),
        custom_fields=custom_fields(call.payload),
    )


def _charge(body: MemoCharge, sent: Mapping[str, object]) -> NewItem:
    amount = body.memo_item_amount if body.amount is None else body.amount
    return NewItem(
        amount=amount,
        charge_key=body.rate_plan_charge_id,
        product_charge_key=body.product_rate_plan_charge_id or body.charge_id,
        description=body.description or body.comment,
        quantity=body.quantity,
        service_start=body.service_start_date,
        service_end=body.service_end_date,
        codes=_codes(body.finance_information),
        rule_name=_rule(body.finance_information),
        custom_fields=custom_fields(sent),
    )


def _invoice_item(body: MemoInvoiceItem, sent: Mapping[str, object]) -> MemoItem:
    return MemoItem(
        invoice_item_id=body.invoice_item_id,
        amount=body.amount,
        description=body.description or body.comment,
        quantity=body.quantity,
        service_start=body.service_start_date,
        service_end=body.service_end_date,
        codes=_codes(body.finance_information),
        rule_name=_rule(body.finance_information),
        custom_fields=custom_fields(sent),
    )


def _codes(finance: FinanceInformation | None) -> NamedCodes:
    if finance is None:
        return NO_CODES
    return NamedCodes(
        receivable=finance.on_account_accounting_code,
        deferred=finance.deferred_revenue_accounting_code,
        recognized=finance.recognized_revenue_accounting_code,
    )


def _rule(finance: FinanceInformation | None) -> str | None:
    return finance.revenue_recognition_rule_name if finance else None


def _drafted(books: Books, command: DraftDocument) -> DocumentView:
    return view_document(books, draft_document(books, command))


def _drafted_of_invoice(books: Books, command: DraftMemo) -> DocumentView:
    return view_document(books, draft_memo(books, command))


def _posted(books: Books, command: PostDocument) -> DocumentView:
    return view_document(books, post_document(books, command))


def _canceled(books: Books, command: NamedDocument) -> DocumentView:
    return view_document(books, cancel_document(books, command))


def _to_post(memos: Memos, call: Call) -> PostDocument:
    return PostDocument(kind=memos.kind, key=call.path[memos.key])


def _named(memos: Memos, call: Call) -> NamedDocument:
    return NamedDocument(kind=memos.kind, key=call.path[memos.key])


def _created(memos: Memos, call: Call, view: DocumentView) -> Mapping[str, object]:
    del call
    return {**memos.present(view), "success": True}


def _deleted(call: Call, document: object) -> Mapping[str, object]:
    del call, document
    return {"success": True}


def _get(memos: Memos, books: Books, call: Call) -> Mapping[str, object]:
    return {
        **memos.present(read_document(books, memos.kind, call.path[memos.key])),
        "success": True,
    }


def _items(memos: Memos, books: Books, call: Call) -> Mapping[str, object]:
    page = page_of(call, PAGE_SIZE)
    found = read_items(books, memos.kind, call.path[memos.key], page.limit, page.offset)
    present = partial(present_memo_item, zone=books.settings.zone)
    return answer_page(call, page, "items", found, present)


def _item(memos: Memos, books: Books, call: Call) -> Mapping[str, object]:
    view = read_item(books, memos.kind, call.path[memos.key], call.path[memos.item_key])
    return {**present_memo_item(view, books.settings.zone), "success": True}
