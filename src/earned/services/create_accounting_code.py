"""Create an accounting code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from earned.domain.accounting import AccountingCode
from earned.domain.chart import ACCOUNTS_RECEIVABLE, CATEGORIES, parse_code_type
from earned.domain.errors import Duplicate, RuleBroken
from earned.domain.tenancy import CustomFields
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccountingCode:
    """What the caller says of the code; the type in any spelling (`chart`)."""

    name: str
    code_type: str
    gl_account_name: str | None = None
    gl_account_number: str | None = None
    notes: str | None = None
    segment_constant_values: Mapping[str, object] | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def create_accounting_code(books: Books, command: CreateAccountingCode) -> AccountingCode:
    """Create a code, active at once (R 4).

    Raises `Invalid` for an unknown type, `Duplicate` for a name that is taken, `RuleBroken` for a
    second code of accounts receivable.
    """
    code_type = parse_code_type(command.code_type)
    refuse_taken_code(books, command.name)
    refuse_second_receivable(books, code_type)
    return books.codes.add(
        AccountingCode(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name=command.name,
            code_type=code_type,
            category=CATEGORIES[code_type],
            gl_account_name=command.gl_account_name,
            gl_account_number=command.gl_account_number,
            notes=command.notes,
            segment_constant_values=command.segment_constant_values,
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )


def refuse_taken_code(books: Books, name: str) -> None:
    """Refuse the name of another code. Raises `Duplicate`."""
    if books.codes.find(name=name) is not None:
        raise Duplicate(f"The accounting code '{name}' already exists.", field="name")


def refuse_second_receivable(books: Books, code_type: str) -> None:
    """Refuse a second accounts receivable code, unless the entity has decided for several (R 4)."""
    if books.settings.multiple_ar_accounting_codes or code_type != ACCOUNTS_RECEIVABLE:
        return
    if books.codes.find(code_type=code_type) is not None:
        raise RuleBroken(
            "There is an accounting code of type AccountsReceivable already.", field="type"
        )
