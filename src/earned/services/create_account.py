"""Create a customer account."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from earned.domain.account import Account
from earned.domain.errors import Duplicate, Invalid
from earned.domain.tenancy import CustomFields
from earned.services.change_currency import check_active
from earned.services.ports import Books, NumberKind

_BILL_CYCLE_DAY_MAX = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount:
    """What the caller says of the account; contacts as sent."""

    name: str
    currency: str
    bill_to_contact: Mapping[str, object]
    sold_to_contact: Mapping[str, object] | None = None
    account_number: str | None = None
    bill_cycle_day: int = 1
    parent_id: str | None = None
    parent_account_number: str | None = None
    roll_up_usage: bool = True
    auto_pay: bool = False
    batch: str | None = None
    crm_id: str | None = None
    notes: str | None = None
    payment_term: str | None = None
    sales_rep: str | None = None
    organization_label: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def create_account(books: Books, command: CreateAccount) -> Account:
    """Create an account, active at once; numbered `A00000001` unless the caller gives a number.

    Raises `Invalid` for a currency, day, parent or organisation that cannot be, `Duplicate` for a
    number that is taken.
    """
    if not (command.currency.isascii() and command.currency.isalpha()):
        raise Invalid("'currency' value is invalid", field="currency")
    check_active(books, command.currency.upper())
    check_bill_cycle_day(command.bill_cycle_day)
    parent_id = _parent(books, command)
    if command.account_number and books.accounts.find(number=command.account_number):
        raise Duplicate("The account number specified already exists.", field="accountNumber")
    return books.accounts.add(
        Account(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            organization_id=_organization(books, command.organization_label),
            number=command.account_number or books.next_number(NumberKind.ACCOUNT),
            name=command.name,
            currency=command.currency.upper(),
            bill_cycle_day=command.bill_cycle_day,
            parent_id=parent_id,
            roll_up_usage=command.roll_up_usage,
            auto_pay=command.auto_pay,
            batch=command.batch,
            crm_id=command.crm_id,
            notes=command.notes,
            payment_term=command.payment_term,
            sales_rep=command.sales_rep,
            bill_to={**command.bill_to_contact, "id": books.new_id()},
            sold_to={**(command.sold_to_contact or command.bill_to_contact), "id": books.new_id()},
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )


def check_bill_cycle_day(day: int) -> None:
    """Refuse a day that no month has. Raises `Invalid`."""
    if not 0 <= day <= _BILL_CYCLE_DAY_MAX:
        raise Invalid("'billCycleDay' value should be between 0 and 31", field="billCycleDay")


def check_parent(books: Books, parent_id: str) -> None:
    """Refuse a parent that is not there. Raises `Invalid`."""
    if books.accounts.find(id=parent_id) is None:
        raise Invalid("'parentId' value is invalid", field="parentId")


def _parent(books: Books, command: CreateAccount) -> str | None:
    """Return the id of the parent: named by id, by number, or by both if they agree."""
    parent_id = command.parent_id
    if parent_id:
        check_parent(books, parent_id)
    if command.parent_account_number:
        found = books.accounts.find(number=command.parent_account_number)
        if found is None or parent_id not in {None, "", found.id}:
            message = "'parentAccountNumber' value is invalid"
            raise Invalid(message, field="parentAccountNumber")
        parent_id = found.id
    return parent_id or None


def _organization(books: Books, asked: str | None) -> str | None:
    """Return the organisation of a new account: the one asked for, or the caller's only one."""
    mine = books.scope.organization_ids
    if asked is None:
        return next(iter(mine)) if mine and len(mine) == 1 else None
    if mine is None or asked not in mine:
        raise Invalid("'organizationLabel' value is invalid", field="organizationLabel")
    return asked
