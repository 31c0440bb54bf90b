"""Change, activate, deactivate or delete an accounting code.

A code is *used* where a transaction names it: a revenue schedule, a day of consumption, a revenue
event, an item of a billing document or of a journal entry, whatever became of that since. Charges
name codes too; they keep a code from being renamed or deleted, because they would name nothing
afterwards, but not from anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earned.domain.accounting import AccountingCode
from earned.domain.chart import ACCOUNTS_RECEIVABLE, CATEGORIES, parse_code_type
from earned.domain.errors import RuleBroken
from earned.domain.tenancy import CustomFields
from earned.services.create_accounting_code import refuse_second_receivable, refuse_taken_code
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_change, leave_trace
from earned.services.ports import Books

_CHARGE_FIELDS = (
    *("accounting_code", "recognized_revenue_account"),
    *("deferred_revenue_account", "adjustment_revenue_account"),
)
_BILLED_FIELDS = ("receivable_code", "contra_code", "recognized_code", "deferred_code")
_EVENT_FIELDS = ("recognized_revenue_account", "adjustment_revenue_account")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccountingCode:
    """Which code, and what becomes of its fields."""

    id: str
    changes: Mapping[str, Any]
    custom_fields: CustomFields = field(default_factory=dict)


def change_accounting_code(books: Books, command: ChangeAccountingCode) -> AccountingCode:
    """Change a code that no transaction uses (R 4).

    Raises `NotFound`, `RuleBroken` for a code that is used, and what `create_accounting_code`
    raises.
    """
    code = row_by_id(books.codes, command.id)
    _refuse_used(books, code, "updated")
    changes = dict(command.changes)
    name = changes.get("name", code.name)
    if name != code.name:
        refuse_taken_code(books, name)
        _refuse_named(books, code, "renamed")
    code_type = parse_code_type(changes.get("code_type", code.code_type))
    if code_type != code.code_type:
        refuse_second_receivable(books, code_type)
    changes |= {"code_type": code_type, "category": CATEGORIES[code_type]}
    custom = {**code.custom_fields, **command.custom_fields}
    changed = books.codes.change(code, **changes, custom_fields=custom)
    return leave_change(books, "AccountingCode", code, changed)


def activate_accounting_code(books: Books, code_id: str) -> AccountingCode:
    """Activate a code; one that is active stays so. Raises `NotFound`."""
    code = row_by_id(books.codes, code_id)
    return _put(books, code, "Active")


def deactivate_accounting_code(books: Books, code_id: str) -> AccountingCode:
    """Deactivate a code that no transaction uses; one that is inactive stays so (R 4).

    Raises `NotFound`, or `RuleBroken` for a used code and always for accounts receivable.
    """
    code = row_by_id(books.codes, code_id)
    if code.code_type == ACCOUNTS_RECEIVABLE:
        raise RuleBroken("An accounting code of type AccountsReceivable cannot be deactivated.")
    _refuse_used(books, code, "deactivated")
    return _put(books, code, "Inactive")


def _put(books: Books, code: AccountingCode, status: str) -> AccountingCode:
    if code.status == status:
        return code
    return leave_change(books, "AccountingCode", code, books.codes.change(code, status=status))


def delete_accounting_code(books: Books, code_id: str) -> AccountingCode:
    """Delete a code that is inactive and was never used; it stays in the audit log (R 4).

    Raises `NotFound` or `RuleBroken`.
    """
    code = row_by_id(books.codes, code_id)
    if code.status == "Active":
        raise RuleBroken(
            f"Accounting code '{code.name}' cannot be deleted: deactivate it first.",
            code="CANNOT_DELETE",
        )
    _refuse_used(books, code, "deleted")
    _refuse_named(books, code, "deleted")
    books.codes.remove(code)
    leave_trace(
        books, "deleted", "AccountingCode", code.id, {"name": code.name, "type": code.code_type}
    )
    return code


def _refuse_used(books: Books, code: AccountingCode, action: str) -> None:
    everyone = books.entire
    places = (
        (everyone.schedules, ("recognized_code", "deferred_code")),
        (everyone.consumption, _EVENT_FIELDS),
        (everyone.events, _EVENT_FIELDS),
        (everyone.document_items, _BILLED_FIELDS),
        (everyone.adjustments, _BILLED_FIELDS),
        (everyone.entry_items, ("code_name",)),
    )
    if any(rows.count(**{field: code.name}) for rows, fields in places for field in fields):
        raise RuleBroken(f"Accounting code '{code.name}' cannot be {action}: transactions use it.")


def _refuse_named(books: Books, code: AccountingCode, action: str) -> None:
    """Charges refer to codes by name."""
    everyone = books.entire
    named = any(
        rows.count(**{field: code.name})
        for rows in (everyone.product_charges, everyone.charges)
        for field in _CHARGE_FIELDS
    )
    if named:
        raise RuleBroken(f"Accounting code '{code.name}' cannot be {action}: charges name it.")
