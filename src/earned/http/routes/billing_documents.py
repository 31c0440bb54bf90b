"""Generating the billing documents of one account: `/v1/accounts/{account-key}/...`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from earned.domain.billing import BillingDocument, DocumentKind
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Write
from earned.http.validation import V1Request, WireDay
from earned.services.generate_documents import GenerateDocuments, generate_documents
from earned.services.work import single

RESOURCE = 509500
Text = Annotated[str, Field(max_length=255)]


class GenerateRequest(V1Request):
    """What is billed, through which day, on documents of which date."""

    effective_date: WireDay
    target_date: WireDay
    auto_post: bool | None = None
    charge_type_to_exclude: Annotated[list[Text], Field(max_length=3)] | None = None
    subscription_ids: Annotated[list[Text], Field(max_length=1000)] | None = None
    credit_memo_reason_code: Annotated[str, Field(max_length=25)] | None = None


class GeneratedAnswer(V1Answer):
    """The documents that were made."""

    invoices: list[dict[str, Any]]
    credit_memos: list[dict[str, Any]]


def _command(call: Call) -> GenerateDocuments:
    body: GenerateRequest = call.body
    return GenerateDocuments(
        account_key=call.path["account-key"],
        target_date=body.target_date,
        effective_date=body.effective_date,
        auto_post=bool(body.auto_post),
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


OPERATIONS = (
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
