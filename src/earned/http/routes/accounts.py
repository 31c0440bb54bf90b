"""Customer accounts: `/v1/accounts`."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from earned.domain.account import Account
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Read, Traffic, Write
from earned.http.validation import V1Request, custom_fields
from earned.services.create_account import CreateAccount, create_account
from earned.services.find import account_by_key
from earned.services.ports import Books
from earned.services.work import single

RESOURCE = 501000
Text = Annotated[str, Field(max_length=255)]


class Contact(V1Request):
    """Somebody to bill or to sell to; fields beyond these are kept as sent."""

    first_name: Text
    last_name: Text


class NewAccount(V1Request):
    """The body of a create-account request."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    currency: Annotated[str, Field(min_length=3, max_length=3)]
    bill_to_contact: Contact
    sold_to_contact: Contact | None = None
    account_number: Annotated[str, Field(min_length=1, max_length=70)] | None = None
    bill_cycle_day: int = 1
    parent_id: str | None = None
    auto_pay: bool = False
    batch: Annotated[str, Field(max_length=50)] | None = None
    crm_id: Annotated[str, Field(max_length=100)] | None = None
    notes: Annotated[str, Field(max_length=65535)] | None = None
    payment_term: str | None = None
    sales_rep: Annotated[str, Field(max_length=50)] | None = None
    organization_label: str | None = None


class AccountCreated(V1Answer):
    """Which account was created."""

    account_id: str
    account_number: str
    bill_to_contact_id: str
    sold_to_contact_id: str


def _command(call: Call) -> CreateAccount:
    body: NewAccount = call.body
    contacts = {"bill_to_contact", "sold_to_contact"}
    return CreateAccount(
        **body.model_dump(exclude=contacts),
        bill_to_contact=call.payload["billToContact"],
        sold_to_contact=call.payload.get("soldToContact"),
        custom_fields=custom_fields(call.payload),
    )


def _created(call: Call, account: Account) -> Mapping[str, object]:
    del call
    return {
        "success": True,
        "accountId": account.id,
        "accountNumber": account.number,
        "billToContactId": account.bill_to["id"],
        "soldToContactId": account.sold_to["id"],
    }


def _get(books: Books, call: Call) -> Mapping[str, object]:
    account = account_by_key(books, call.path["account-key"])
    basic: dict[str, Any] = {
        "id": account.id,
        "name": account.name,
        "accountNumber": account.number,
        "notes": account.notes,
        "status": account.status,
        "crmId": account.crm_id,
        "batch": account.batch,
        "salesRep": account.sales_rep,
        "parentId": account.parent_id,
        "organizationId": account.organization_id,
        **account.custom_fields,
    }
    billing = {
        "billCycleDay": account.bill_cycle_day,
        "currency": account.currency,
        "autoPay": account.auto_pay,
        "paymentTerm": account.payment_term,
    }
    return {
        "basicInfo": basic,
        "billingAndPayment": billing,
        "billToContact": account.bill_to,
        "soldToContact": account.sold_to,
        "success": True,
    }


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/accounts",
        id="createAccount",
        tag="Accounts",
        summary="Create an account",
        resource=RESOURCE,
        body=NewAccount,
        answer=AccountCreated,
        traffic=Traffic.HIGH_VOLUME,
        work=Write(single(create_account), _command, _created),
    ),
    Operation(
        method="GET",
        path="/v1/accounts/{account-key}",
        id="getAccount",
        tag="Accounts",
        summary="Retrieve an account by its id or number",
        work=Read(_get),
    ),
)
