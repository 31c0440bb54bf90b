"""Change a customer account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earned.domain.account import Account
from earned.domain.errors import Invalid, RuleBroken
from earned.domain.tenancy import CustomFields
from earned.services.create_account import check_bill_cycle_day, check_parent
from earned.services.find import account_by_key
from earned.services.leave_trace import leave_change
from earned.services.ports import Books
from earned.services.reach import accounts_above

_CONTACTS = ("bill_to", "sold_to")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccount:
    """Which account, and what becomes of its fields; of contacts, what becomes of theirs."""

    key: str
    changes: Mapping[str, Any]
    custom_fields: CustomFields = field(default_factory=dict)


def change_account(books: Books, command: ChangeAccount) -> Account:
    """Change an account; usage that comes from then on finds the accounts above it as they are.

    Raises `NotFound`, `Invalid` for a value that cannot be, `RuleBroken` for a parent below the
    account itself.
    """
    account = account_by_key(books, command.key)
    changes = {**command.changes}
    for name in _CONTACTS:
        if name in changes:
            changes[name] = {**getattr(account, name), **changes[name]}
    if "bill_cycle_day" in changes:
        check_bill_cycle_day(changes["bill_cycle_day"])
    if changes.get("parent_id"):
        check_parent(books, changes["parent_id"])
        _check_no_cycle(books, account, changes["parent_id"])
    if not changes.get("name", account.name):
        raise Invalid("'name' value is invalid", field="name")
    custom = {**account.custom_fields, **command.custom_fields}
    changed = books.accounts.change(account, **changes, custom_fields=custom)
    return leave_change(books, "Account", account, changed)


def _check_no_cycle(books: Books, account: Account, parent_id: str) -> None:
    if account.id in {parent_id, *accounts_above(books.entire, parent_id)}:
        message = f"The account '{account.number}' cannot be below itself."
        raise RuleBroken(message, field="parentId")
