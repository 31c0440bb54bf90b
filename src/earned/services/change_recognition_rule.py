"""Change, activate, deactivate or delete a recognition rule.

A rule is *attached* where a charge of the catalog names it, and *used* where a subscribed charge,
an item of a billing document or a revenue schedule does: what is recognised by it would be
recognised otherwise afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from earned.domain.errors import RuleBroken
from earned.domain.recognition_rule import RecognitionRule, completed
from earned.domain.rule_options import parse_options
from earned.domain.tenancy import CustomFields
from earned.services.create_recognition_rule import facts, refuse_taken_rule
from earned.services.find import row_by_id
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecognitionRule:
    """Which rule, and what becomes of its name, description and options."""

    id: str
    changes: Mapping[str, Any]
    custom_fields: CustomFields = field(default_factory=dict)


def change_recognition_rule(books: Books, command: ChangeRecognitionRule) -> RecognitionRule:
    """Change a rule that nothing names yet. Its model stays; an option that is None is as default.

    Raises `NotFound`, `RuleBroken` for a rule that every entity has or that is named, `Duplicate`,
    and what `create_recognition_rule` raises of options.
    """
    rule = row_by_id(books.recognition_rules, command.id)
    _refuse_preconfigured(rule, "changed")
    _refuse_named(books, rule, "changed")
    plain = {
        name: value for name, value in command.changes.items() if name in {"name", "description"}
    }
    options = parse_options(command.changes)
    custom = {**rule.custom_fields, **command.custom_fields}
    new = completed(replace(rule, **plain, **options, custom_fields=custom))
    if new.name != rule.name:
        refuse_taken_rule(books, new.name)
    leave_trace(books, "changed", "RecognitionRule", rule.id, {"was": facts(rule)})
    said = {name: getattr(new, name) for name in (*plain, *options, "custom_fields")}
    return books.recognition_rules.change(rule, **said)


def activate_recognition_rule(books: Books, rule_id: str) -> RecognitionRule:
    """Activate a rule; one that is active stays so. Raises `NotFound`."""
    rule = row_by_id(books.recognition_rules, rule_id)
    return rule if rule.active else _put(books, rule, active=True)


def deactivate_recognition_rule(books: Books, rule_id: str) -> RecognitionRule:
    """Deactivate a rule that nothing names, so that nothing will (R 3.1).

    Raises `NotFound` or `RuleBroken`.
    """
    rule = row_by_id(books.recognition_rules, rule_id)
    _refuse_named(books, rule, "deactivated")
    return _put(books, rule, active=False) if rule.active else rule


def delete_recognition_rule(books: Books, rule_id: str) -> RecognitionRule:
    """Delete a rule that was deactivated; it stays in the audit log (R 3.1).

    Raises `NotFound`, or `RuleBroken` for an active rule, one that every entity has or one that is
    named.
    """
    rule = row_by_id(books.recognition_rules, rule_id)
    _refuse_preconfigured(rule, "deleted")
    if rule.active:
        raise RuleBroken(
            f"Revenue recognition rule '{rule.name}' cannot be deleted: deactivate it first.",
            code="CANNOT_DELETE",
        )
    _refuse_named(books, rule, "deleted")
    books.recognition_rules.remove(rule)
    leave_trace(books, "deleted", "RecognitionRule", rule.id, facts(rule))
    return rule


def _put(books: Books, rule: RecognitionRule, *, active: bool) -> RecognitionRule:
    action = "activated" if active else "deactivated"
    leave_trace(books, action, "RecognitionRule", rule.id, facts(rule))
    return books.recognition_rules.change(rule, active=active)


def _refuse_preconfigured(rule: RecognitionRule, action: str) -> None:
    if rule.is_preconfigured:
        raise RuleBroken(
            f"Revenue recognition rule '{rule.name}' cannot be {action}: every entity has it."
        )


def _refuse_named(books: Books, rule: RecognitionRule, action: str) -> None:
    everyone = books.entire
    named = (
        everyone.product_charges.count(revenue_recognition_rule_name=rule.name)
        or everyone.charges.count(revenue_recognition_rule_name=rule.name)
        or everyone.schedules.count(rule_name=rule.name)
        or everyone.document_items.count(rule_name=rule.name)
    )
    if named:
        raise RuleBroken(
            f"Revenue recognition rule '{rule.name}' cannot be {action}: charges or revenue "
            "schedules use it."
        )
