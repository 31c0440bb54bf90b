"""Accounting codes: `/v1/accounting-codes` (R 4)."""

from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from earned.domain.accounting import AccountingCode
from earned.domain.stamps import v1_stamps
from earned.http.answers import V1Answer
from earned.http.done import created, done
from earned.http.operation import Call, Operation, Read, Write
from earned.http.paging import answer_page, page_of, page_parameters
from earned.http.validation import V1Request, custom_fields
from earned.services.change_accounting_code import (
    ChangeAccountingCode,
    activate_accounting_code,
    change_accounting_code,
    deactivate_accounting_code,
    delete_accounting_code,
)
from earned.services.create_accounting_code import CreateAccountingCode, create_accounting_code
from earned.services.find import row_by_id
from earned.services.ports import Books
from earned.services.work import UseCase, single

RESOURCE = 507000
PATH = "/v1/accounting-codes"
ONE = f"{PATH}/{{ac-id}}"
# A list without `pageSize` is whole up to this many rows (R 8.9).
WHOLE = 300

Name = Annotated[str, Field(min_length=1, max_length=100)]
Account = Annotated[str, Field(max_length=255)]
Notes = Annotated[str, Field(max_length=2000)]


class NewAccountingCode(V1Request):
    """A code of the chart of accounts. Segment constant values are kept and answered."""

    name: Name
    code_type: str = Field(alias="type")
    gl_account_name: Account | None = None
    gl_account_number: Account | None = None
    notes: Notes | None = None
    segment_constant_values: dict[str, Any] | None = None


class ChangedAccountingCode(V1Request):
    """What becomes of a code; what is not named stays."""

    name: Name = ""
    code_type: str = Field(default="", alias="type")
    gl_account_name: Account | None = None
    gl_account_number: Account | None = None
    notes: Notes | None = None


class AccountingCodeCreated(V1Answer):
    """Which code was created."""

    id: str


def _new(call: Call) -> CreateAccountingCode:
    body: NewAccountingCode = call.body
    return CreateAccountingCode(**body.model_dump(), custom_fields=custom_fields(call.payload))


def _changed(call: Call) -> ChangeAccountingCode:
    body: ChangedAccountingCode = call.body
    return ChangeAccountingCode(
        id=_id(call),
        changes=body.model_dump(exclude_unset=True),
        custom_fields=custom_fields(call.payload),
    )


def _id(call: Call) -> str:
    return call.path["ac-id"]


def _get(books: Books, call: Call) -> Mapping[str, object]:
    code = row_by_id(books.codes, _id(call))
    return {**_shown(code, books.settings.zone), "success": True}


def _list(books: Books, call: Call) -> Mapping[str, object]:
    page = page_of(call, WHOLE, WHOLE)
    codes = books.codes.list(order_by=["name"], limit=page.limit, offset=page.offset)
    zone = books.settings.zone
    return answer_page(call, page, "accountingCodes", codes, lambda code: _shown(code, zone))


def _shown(code: AccountingCode, zone: ZoneInfo) -> Mapping[str, object]:
    return {
        "id": code.id,
        "name": code.name,
        "type": code.code_type,
        "category": code.category,
        "glAccountName": code.gl_account_name,
        "glAccountNumber": code.gl_account_number,
        "notes": code.notes,
        "status": code.status,
        "segmentConstantValues": code.segment_constant_values,
        **v1_stamps(code, zone),
        **code.custom_fields,
    }


def _action(name: str, summary: str, use_case: UseCase[str, AccountingCode]) -> Operation:
    """Return an operation that is all in its path: the official client sends no body."""
    return Operation(
        method="PUT",
        path=f"{ONE}/{name}",
        id=f"{name}AccountingCode",
        tag="Accounting codes",
        summary=summary,
        answer=V1Answer,
        work=Write(use_case, _id, done),
    )


OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        id="createAccountingCode",
        tag="Accounting codes",
        summary="Create an accounting code",
        resource=RESOURCE,
        body=NewAccountingCode,
        answer=AccountingCodeCreated,
        work=Write(single(create_accounting_code), _new, created),
    ),
    Operation(
        method="GET",
        path=PATH,
        id="getAllAccountingCodes",
        tag="Accounting codes",
        summary="List all accounting codes, by name",
        parameters=page_parameters(WHOLE, WHOLE),
        work=Read(_list),
    ),
    Operation(
        method="GET",
        path=ONE,
        id="getAccountingCode",
        tag="Accounting codes",
        summary="Retrieve an accounting code",
        work=Read(_get),
    ),
    Operation(
        method="PUT",
        path=ONE,
        id="updateAccountingCode",
        tag="Accounting codes",
        summary="Update an accounting code",
        resource=RESOURCE,
        body=ChangedAccountingCode,
        answer=V1Answer,
        work=Write(single(change_accounting_code), _changed, done),
    ),
    _action("activate", "Activate an accounting code", single(activate_accounting_code)),
    _action("deactivate", "Deactivate an accounting code", single(deactivate_accounting_code)),
    Operation(
        method="DELETE",
        path=ONE,
        id="deleteAccountingCode",
        tag="Accounting codes",
        summary="Delete an accounting code",
        answer=V1Answer,
        work=Write(single(delete_accounting_code), _id, done),
    ),
)
