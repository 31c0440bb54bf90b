"""Find the accounting code that a request names."""

from earned.domain.accounting import AccountingCode
from earned.domain.errors import Invalid, RuleBroken
from earned.services.ports import Books


def named_code(
    books: Books, name: str, field: str, *, code_type: str | None = None, type_field: str = ""
) -> AccountingCode:
    """Return the code of that name: it is there, of the type if one is given, and active.

    Raises `Invalid` or `RuleBroken`.
    """
    found = books.codes.find(name=name)
    if found is None:
        raise Invalid(f"Cannot find accounting code '{name}'.", field=field)
    if code_type not in {None, "", found.code_type}:
        raise Invalid(f"Accounting code '{name}' is not of the given type.", field=type_field)
    if found.status != "Active":
        raise RuleBroken(f"Accounting code '{name}' is not active.", field=field)
    return found
