"""Billing documents of every kind: generating those of an account, and listing them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from earned.domain.billing import BillingDocument, DocumentKind, DocumentStatus
from earned.domain.calendar import parse_day
from earned.domain.errors import InvalidQuery, MissingParameter
from earned.domain.money import major
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Parameter, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import V1Request, WireDay
from earned.services.end_bill_run import bill_run_by_key
from earned.services.find import account_by_key
from earned.services.generate_documents import GenerateDocuments, generate_documents
from earned.services.ports import Books
from earned.services.read_documents import view_document
from earned.services.work import single

RESOURCE = 509500
PAGE_SIZE = 20
_SORTED = {"documentDate": "document_date", "documentType": "kind"}
Text = Annotated[str, Field(max_length=255)]


class GenerateRequest(V1Request):
    """What is billed, through which day, on documents of which date."""

    effective_date: WireDay
    target_date: WireDay
    auto_post: bool | None = None
    auto_renew: bool | None = None
    charge_type_to_exclude: Annotated[list[Text], Field(max_length=3)] | None = None
    subscription_ids: Annotated[list[Text], Field(max_length=1000)] | None = None
    credit_memo_reason_code: Annotated[str, Field(max_length=25)] | None = None


class GeneratedAnswer(V1Answer):
    """The documents that were made."""

    invoices: list[dict[str, Any]]
    credit_memos: list[dict[str, Any]]


class ListedDocument(BaseModel):
    """A billing document, whatever it is."""

    model_config = ConfigDict(alias_generator=to_camel)

    id: str
    account_id: str
    document_type: str
    document_number: str
    document_date: date
    status: str
    amount: Decimal
    balance: Decimal
    currency: str


class DocumentList(V1Answer):
    """A page of billing documents, the latest first."""

    documents: list[ListedDocument]


def _command(call: Call) -> GenerateDocuments:
    body: GenerateRequest = call.body
    return GenerateDocuments(
        account_key=call.path["account-key"],
        target_date=body.target_date,
        effective_date=body.effective_date,
        auto_post=bool(body.auto_post),
        auto_renew=bool(body.auto_renew),
        excluded=body.charge_type_to_exclude,
        subscription_ids=body.subscription_ids,
        reason_code=body.credit_memo_reason_code,
    )


def _generated(call: Call, made: Sequence[BillingDocument]) -> Mapping[str, object]:
    del call

    def ids(kind: DocumentKind) -> list[Mapping[str, str]]:
        return [{"id": one.id, "number": one.number} for one in made if one.kind is kind]

    return {
        "invoices": ids(DocumentKind.INVOICE),
        "creditMemos": ids(DocumentKind.CREDIT_MEMO),
        "success": True,
    }


def _list(books: Books, call: Call) -> Mapping[str, object]:
    page = page_of(call, PAGE_SIZE)
    found = books.documents.list(
        order_by=[*_order(call.first("sort")), "-id"],
        limit=page.limit,
        offset=page.offset,
        **_criteria(books, call),
    )
    return answer_page(call, page, "documents", found, lambda one: _listed(books, one))


def _criteria(books: Books, call: Call) -> dict[str, Any]:
    """Read whose documents are asked for, or those of which bill run. Raises a refusal."""
    criteria: dict[str, Any] = {}
    if key := call.first("accountId") or call.first("accountNumber"):
        criteria["account_id"] = account_by_key(books, key).id
    if key := call.first("billRunNumber"):
        criteria["source_id"] = bill_run_by_key(books, key).number
    if not criteria:
        message = "'accountId', 'accountNumber' or 'billRunNumber' is required"
        raise MissingParameter(message, field="accountId")
    if day := call.first("documentDate"):
        criteria["document_date"] = parse_day(day, "documentDate")
    if status := call.first("status"):
        if status not in set(DocumentStatus):
            message = f"'status' value should be one of: {', '.join(DocumentStatus)}"
            raise InvalidQuery(message, field="status")
        criteria["status"] = DocumentStatus(status)
    return criteria


def _order(sort: str) -> list[str]:
    """Read up to two fields; `-` is ascending, `+` or nothing descending. Raises `InvalidQuery`."""
    order = []
    for one in sort.split(",") if sort else ["documentDate"]:
        column = _SORTED.get(one.strip("+- "))
        if column is None:
            message = f"'sort' value should be of: {', '.join(_SORTED)}"
            raise InvalidQuery(message, field="sort")
        # A plus sign in a query string is a blank.
        order.append(column if one.strip().startswith("-") else f"-{column}")
    return order


def _listed(books: Books, document: BillingDocument) -> Mapping[str, object]:
    view = view_document(books, document)
    return {
        "id": document.id,
        "accountId": document.account_id,
        "documentType": document.kind,
        "documentNumber": document.number,
        "documentDate": document.document_date,
        "status": document.status,
        "amount": major(document.amount_minor, view.currency),
        "balance": major(view.balance_minor, view.currency),
        "currency": document.currency,
    }


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/billing-documents",
        id="getBillingDocuments",
        tag="Billing Documents",
        summary="List the billing documents of an account, or of a bill run",
        parameters=(
            Parameter("accountId", "Those of an account, by its id."),
            Parameter("accountNumber", "Those of an account, by its number."),
            Parameter("billRunNumber", "Those of a bill run. This one is ours."),
            Parameter("documentDate", "Only those of a day, `yyyy-mm-dd`."),
            Parameter("status", "Only those of a status."),
            Parameter("sort", "`documentDate`, `documentType` or both; `-` before one: ascending."),
            *page_parameters(PAGE_SIZE),
        ),
        answer=DocumentList,
        work=Read(_list),
    ),
    Operation(
        method="POST",
        path="/v1/accounts/{account-key}/billing-documents/generate",
        id="generateBillingDocuments",
        tag="Billing Documents",
        summary="Generate the billing documents of an account",
        resource=RESOURCE,
        body=GenerateRequest,
        answer=GeneratedAnswer,
        work=Write(single(generate_documents), _command, _generated),
    ),
)
