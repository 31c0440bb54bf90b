"""Choose the accounting codes that a billed item is posted to (R 6.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from earned.domain.accounting import AccountingCode
from earned.domain.billed import DEFERRED, RECOGNIZED, blank, contra_code
from earned.domain.billing import RecognizedBy
from earned.domain.charge import ChargeTerms
from earned.domain.chart import ACCOUNTS_RECEIVABLE
from earned.domain.errors import Invalid, Missing
from earned.domain.posting import UNBILLED, Code
from earned.services.named_code import named_code
from earned.services.ports import Books

RECEIVABLES = frozenset({ACCOUNTS_RECEIVABLE, "OnAccountReceivable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCodes:
    """The codes that a request or a charge names; empty is none.

    `accounting` is what an item without a recognition rule is posted to.
    """

    receivable: str | None = None
    accounting: str | None = None
    deferred: str | None = None
    recognized: str | None = None


NO_CODES = NamedCodes()


def codes_of_terms(terms: ChargeTerms | None) -> NamedCodes:
    """Return the codes that a charge names."""
    if terms is None:
        return NO_CODES
    return NamedCodes(
        accounting=terms.accounting_code,
        deferred=terms.deferred_revenue_account,
        recognized=terms.recognized_revenue_account,
    )


def choose_codes(
    books: Books, said: NamedCodes, usual: NamedCodes, by: RecognizedBy, field: str
) -> dict[str, Any]:
    """Return the code fields of an item: what is said of it, else what is usual.

    What is said must be there and active; a charge may name a code that is not there yet. The
    receivable is the oldest active code of its type unless one is said. Raises `Invalid`,
    `RuleBroken`, or `Missing` where the entity allows no blank codes.
    """
    deferred = _said(books, said.deferred, field) or _usual(books, usual.deferred)
    recognized = _said(books, said.recognized, field) or _usual(books, usual.recognized)
    accounting = _said(books, said.accounting, field) or _usual(books, usual.accounting)
    receivable = _receivable(books, said.receivable, field) or _usual(books, usual.receivable)
    contra = contra_code(
        by,
        deferred=_typed(deferred, DEFERRED),
        unbilled=_oldest(books, UNBILLED),
        revenue=_typed(accounting or recognized, RECOGNIZED),
    )
    kept = receivable or _oldest(books, ACCOUNTS_RECEIVABLE)
    fields = {
        "receivable_code": kept.name,
        "receivable_code_type": kept.type,
        "contra_code": contra.name,
        "contra_code_type": contra.type,
        "recognized_code": recognized and recognized.name,
        "recognized_code_type": (recognized and recognized.type) or None,
        "deferred_code": deferred and deferred.name,
        "deferred_code_type": (deferred and deferred.type) or None,
    }
    if not books.settings.allow_blank_accounting_codes:
        _refuse_blank(fields, by, field)
    return fields


def _said(books: Books, name: str | None, field: str) -> Code | None:
    """Return the code a request names. Raises `Invalid` or `RuleBroken`."""
    if not name:
        return None
    code = named_code(books, name, field)
    return Code(code.name, code.code_type)


def _receivable(books: Books, name: str | None, field: str) -> Code | None:
    code = _said(books, name, field)
    if code is not None and code.type not in RECEIVABLES:
        raise Invalid(f"Accounting code '{name}' is no receivable.", field=field)
    return code


def _usual(books: Books, name: str | None) -> Code | None:
    """Return the code a charge names; without a type while it is not there."""
    if not name:
        return None
    code: AccountingCode | None = books.codes.find(name=name)
    return Code(name, code.code_type if code else "")


def _typed(code: Code | None, usual_type: str) -> Code:
    return Code(code.name, code.type or usual_type) if code else blank(usual_type)


def _oldest(books: Books, code_type: str) -> Code:
    """Return the oldest active code of a type, a blank one if there is none."""
    found = books.codes.list(
        code_type=code_type, status="Active", order_by=("created_at", "id"), limit=1
    )
    return Code(found[0].name, code_type) if found else blank(code_type)


def _refuse_blank(fields: dict[str, Any], by: RecognizedBy, field: str) -> None:
    for name in _needed(by):
        if fields[name] is None:
            wire = "".join(part.capitalize() for part in name.split("_"))
            message = f"'{field}' needs an accounting code: its {wire} may not be blank."
            raise Missing(message, field=field)


def _needed(by: RecognizedBy) -> Iterator[str]:
    yield from ("receivable_code", "contra_code")
    if by is RecognizedBy.SCHEDULE:
        yield from ("recognized_code", "deferred_code")
