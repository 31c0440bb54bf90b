"""Create a recognition rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from earned.domain.choices import parse_choice
from earned.domain.errors import Denied, Duplicate, RuleBroken
from earned.domain.recognition_rule import RULES_MAX, RecognitionRule, RuleModel, completed
from earned.domain.rule_options import parse_options
from earned.domain.tenancy import CustomFields
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books

MONTHLY_OFF = "needs the model Monthly recognition over time, which is off."


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRecognitionRule:
    """What the caller says of the rule; its options as `rule_options` reads them."""

    name: str
    model: str
    description: str | None = None
    active: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    custom_fields: CustomFields = field(default_factory=dict)


def create_recognition_rule(books: Books, command: CreateRecognitionRule) -> RecognitionRule:
    """Create a rule of a model; the model gives defaults for the options that are not said.

    Checked in this order: model, whether it is on, options, name, room. Raises `EarnedError`.
    """
    model = parse_choice(RuleModel, command.model, "recognitionModel")
    if model is RuleModel.MONTHLY and not books.settings.monthly_recognition:
        raise Denied(f"'recognitionModel' {MONTHLY_OFF}", field="recognitionModel")
    rule = completed(
        RecognitionRule(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            name=command.name,
            model=model,
            description=command.description,
            active=command.active,
            **parse_options(command.options),
            custom_fields=command.custom_fields,
            **books.stamp(),
        )
    )
    refuse_taken_rule(books, rule.name)
    if books.recognition_rules.count() >= RULES_MAX:
        raise RuleBroken(f"There can be a maximum of {RULES_MAX} revenue recognition rules.")
    leave_trace(books, "created", "RecognitionRule", rule.id, facts(rule))
    return books.recognition_rules.add(rule)


def refuse_taken_rule(books: Books, name: str) -> None:
    """Refuse the name of another rule. Raises `Duplicate`."""
    if books.recognition_rules.find(name=name) is not None:
        raise Duplicate(f"The revenue recognition rule '{name}' already exists.", field="name")


def facts(rule: RecognitionRule) -> Mapping[str, object]:
    """Return what the audit log says of a rule."""
    return {"name": rule.name, "model": rule.model}
