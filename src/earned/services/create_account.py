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
    if not 0 <= command.bill_cycle_day <= _BILL_CYCLE_DAY_MAX:
        raise Invalid("'billCycleDay' value should be between 0 and 31", field="billCycleDay")
    if command.parent_id and books.accounts.find(id=command.parent_id) is None:
        raise Invalid("'parentId' value is invalid", field="parentId")
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
            parent_id=command.parent_id,
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


def _organization(books: Books, asked: str | None) -> str | None:
    """Return the organisation of a new account: the one asked for, or the caller's only one."""
    mine = books.scope.organization_ids
    if asked is None:
        return next(iter(mine)) if mine and len(mine) == 1 else None
    if mine is None or asked not in mine:
        raise Invalid("'organizationLabel' value is invalid", field="organizationLabel")
    return asked
