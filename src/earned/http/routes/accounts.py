"""Customer accounts: `/v1/accounts`."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from pydantic.alias_generators import to_camel

from earned.domain.account import Account
from earned.http.answers import V1Answer
from earned.http.done import done
from earned.http.operation import Call, Operation, Read, Traffic, Write
from earned.http.validation import V1Request, custom_fields
from earned.services.change_account import ChangeAccount, change_account
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
    parent_account_number: Annotated[str, Field(max_length=70)] | None = None
    roll_up_usage: bool = True
    auto_pay: bool = False
    batch: Annotated[str, Field(max_length=50)] | None = None
    crm_id: Annotated[str, Field(max_length=100)] | None = None
    notes: Annotated[str, Field(max_length=65535)] | None = None
    payment_term: str | None = None
    sales_rep: Annotated[str, Field(max_length=50)] | None = None
    organization_label: str | None = None


class ChangedContact(V1Request):
    """What becomes of a contact; fields beyond these are kept as sent."""

    first_name: Text = ""
    last_name: Text = ""


class ChangedAccount(V1Request):
    """The body of an update-account request; what is not named stays."""

    name: Annotated[str, Field(min_length=1, max_length=255)] = ""
    bill_to_contact: ChangedContact | None = None
    sold_to_contact: ChangedContact | None = None
    bill_cycle_day: int = 1
    parent_id: str | None = None
    roll_up_usage: bool = True
    auto_pay: bool = False
    batch: Annotated[str, Field(max_length=50)] | None = None
    crm_id: Annotated[str, Field(max_length=100)] | None = None
    notes: Annotated[str, Field(max_length=65535)] | None = None
    payment_term: str | None = None
    sales_rep: Annotated[str, Field(max_length=50)] | None = None


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


def _change(call: Call) -> ChangeAccount:
    body: ChangedAccount = call.body
    contacts = {"bill_to_contact": "bill_to", "sold_to_contact": "sold_to"}
    changes = body.model_dump(exclude_unset=True, exclude=set(contacts))
    if "parent_id" in changes:
        changes["parent_id"] = changes["parent_id"] or None
    for name, field in contacts.items():
        if getattr(body, name) is not None:
            changes[field] = call.payload[to_camel(name)]
    return ChangeAccount(
        key=call.path["account-key"], changes=changes, custom_fields=custom_fields(call.payload)
    )


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
        "rollUpUsage": account.roll_up_usage,
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
    Operation(
        method="PUT",
        path="/v1/accounts/{account-key}",
        id="updateAccount",
        tag="Accounts",
        summary="Update an account",
        resource=RESOURCE,
        body=ChangedAccount,
        answer=V1Answer,
        work=Write(single(change_account), _change, done),
    ),
)
