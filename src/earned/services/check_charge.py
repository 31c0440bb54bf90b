"""Check a charge of the catalog against the books it is to be part of."""

from collections.abc import Iterable, Iterator

from earned.domain.catalog import ProductRatePlanCharge
from earned.domain.charge_rules import check_terms, given_prepaid_fields
from earned.domain.charge_spelling import object_name
from earned.domain.errors import Denied, EarnedError, Kind, Problem
from earned.services.ports import Books
from earned.services.recognition_rules import rule_problems

_UNITS = ("uom", "prepaid_uom", "drawdown_uom")
_NEVER_BLANK = ("recognized_revenue_account", "deferred_revenue_account")
_REVENUE_ACCOUNTS = (
    *("recognized_revenue_account", "deferred_revenue_account", "adjustment_revenue_account"),
)


def check_charge(
    books: Books, charge: ProductRatePlanCharge, before: ProductRatePlanCharge | None = None
) -> None:
    """Refuse a charge that cannot be: feature, terms, units, accounting codes, rule, in that order.

    What a charge had `before` it was changed it may keep, though that is inactive now.
    Raises `EarnedError`.
    """
    prepaid = given_prepaid_fields(charge)
    if prepaid and not books.settings.prepaid_with_drawdown:
        name = object_name(prepaid[0])
        raise Denied(f"'{name}' needs the feature Prepaid with Drawdown, which is off.", field=name)
    check_terms(charge)
    problems = [*_units(books, charge, before), *_codes(books, charge, before)]
    problems += _blanks(books, charge, before)
    problems += _rule(books, charge, before)
    if problems:
        raise EarnedError(problems)


def _units(
    books: Books, charge: ProductRatePlanCharge, before: ProductRatePlanCharge | None
) -> Iterator[Problem]:
    """A unit must exist, and be active when a charge takes it up (U 1.3)."""
    for field in _UNITS:
        name = getattr(charge, field)
        if name is None or (before is not None and name == getattr(before, field)):
            continue
        unit = books.units.find(name=name)
        if unit is None:
            yield _wrong(field, f"value is invalid: there is no unit of measure '{name}'")
        elif not unit.active:
            yield _wrong(field, f"value is invalid: unit of measure '{name}' is inactive")


def _codes(
    books: Books, charge: ProductRatePlanCharge, before: ProductRatePlanCharge | None
) -> Iterator[Problem]:
    """An accounting code must exist and be active.

    The revenue accounts may be named before they exist, because charges are documented to be made
    before the chart of accounts (R 12 steps 6 and 8); once a code has that name, it must be active.
    """
    for field in ("accounting_code", *_REVENUE_ACCOUNTS):
        name = getattr(charge, field)
        if name is None or (before is not None and name == getattr(before, field)):
            continue
        code = books.codes.find(name=name)
        if code is None and field not in _REVENUE_ACCOUNTS:
            yield _wrong(field, f"value is invalid: there is no accounting code '{name}'")
        elif code is not None and code.status != "Active":
            yield _wrong(field, f"value is invalid: accounting code '{name}' is inactive")


def _rule(
    books: Books, charge: ProductRatePlanCharge, before: ProductRatePlanCharge | None
) -> Iterable[Problem]:
    """A recognition rule must exist and be active (R 3.1)."""
    field = "revenue_recognition_rule_name"
    if before is not None and getattr(charge, field) == getattr(before, field):
        return ()
    return rule_problems(books, charge, object_name(field))


def _blanks(
    books: Books, charge: ProductRatePlanCharge, before: ProductRatePlanCharge | None
) -> Iterator[Problem]:
    """Both revenue accounts must be named where the entity allows no blank codes (R 4).

    A charge whose account was blank before that was decided may stay as it is.
    """
    if books.settings.allow_blank_accounting_codes:
        return
    for field in _NEVER_BLANK:
        if not getattr(charge, field) and (before is None or getattr(before, field)):
            name = object_name(field)
            yield Problem(Kind.MISSING, f"Missing required value: {name}", name)


def _wrong(field: str, text: str) -> Problem:
    name = object_name(field)
    return Problem(Kind.INVALID, f"'{name}' {text}", name)
