"""Find recognition rules by the names that charges give them, and make the ones all entities have.

Books that are older than the rules may name one that there is not; nothing is recognised by it.
"""

from collections.abc import Iterable

from earned.domain.charge import ChargeTerms
from earned.domain.errors import Kind, Problem
from earned.domain.recognition_rule import PRECONFIGURED, RecognitionRule, completed
from earned.services.ports import Books


def ensure_recognition_rules(books: Books) -> None:
    """Make the rules that every entity has, where they are not there yet (R 3.1)."""
    there = {rule.name for rule in books.recognition_rules.list(name=list(PRECONFIGURED))}
    for name, model in PRECONFIGURED.items():
        if name not in there:
            books.recognition_rules.add(
                completed(
                    RecognitionRule(
                        id=books.new_id(),
                        entity_id=books.scope.entity_id,
                        name=name,
                        model=model,
                        **books.stamp(),
                    )
                )
            )


def rule_of(books: Books, charge: ChargeTerms) -> RecognitionRule | None:
    """Return the rule that a charge names, None where it names none or one that is not there."""
    name = charge.revenue_recognition_rule_name
    return books.recognition_rules.find(name=name) if name else None


def rule_problems(books: Books, charge: ChargeTerms, field: str) -> Iterable[Problem]:
    """Say what is wrong with the rule that a charge takes up: it must be there, and active."""
    name = charge.revenue_recognition_rule_name
    rule = rule_of(books, charge)
    if rule is None and name:
        yield _wrong(field, f"there is no revenue recognition rule '{name}'")
    elif rule is not None and not rule.active:
        yield _wrong(field, f"revenue recognition rule '{name}' is inactive")


def _wrong(field: str, text: str) -> Problem:
    return Problem(Kind.INVALID, f"'{field}' value is invalid: {text}", field)
