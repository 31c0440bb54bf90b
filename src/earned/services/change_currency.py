"""Change how an entity rounds a currency, or whether it is used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from earned.domain.currencies import CurrencyRules, check_free, parse_code, read_rules
from earned.domain.errors import Invalid
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCurrency:
    """Which currency, and what was sent of it by its wire names."""

    code: str
    sent: Mapping[str, object]


def change_currency(books: Books, command: ChangeCurrency) -> CurrencyRules:
    """Change what is named, for all amounts to come; return what holds.

    Rounding is changed only while the books have no amount in the currency that was rounded.
    Raises `Invalid` or `RuleBroken`.
    """
    stored = books.currencies.find(code=parse_code(command.code))
    known = stored or rules_of(books, command.code)
    wanted = read_rules(known.code, command.sent)
    changes = {name: value for name, value in wanted.items() if value != getattr(known, name)}
    check_free(known.code, changes, list(_amounts(books, known.code)))
    if not changes:
        return known
    leave_trace(books, "changed", "Currency", known.code, changes)
    if stored is None:
        return books.currencies.add(replace(known, **changes))
    return books.currencies.change(stored, **changes)


def rules_of(books: Books, code: str) -> CurrencyRules:
    """Return what the entity has decided of a currency, the defaults where that is nothing."""
    found = books.currencies.find(code=parse_code(code))
    entity_id = books.scope.entity_id
    return found or CurrencyRules(entity_id=entity_id, code=code, **books.stamp())


def check_active(books: Books, code: str) -> None:
    """Refuse a currency that is not used any more. Raises `Invalid`."""
    found = books.currencies.find(code=code)
    if found is not None and not found.active:
        raise Invalid(f"'currency' value is invalid: {code} is not active", field="currency")


def _amounts(books: Books, code: str) -> Iterator[str]:
    """Name what there is in a currency, whoever may see it."""
    everyone = books.entire
    if everyone.funds.list(currency=code, limit=1):
        yield "prepaid funds"
    if everyone.rating_results.list(currency=code, limit=1):
        yield "rated usage"
    if everyone.schedules.list(currency=code, limit=1):
        yield "revenue schedules"
    if everyone.documents.list(currency=code, limit=1):
        yield "billing documents"
