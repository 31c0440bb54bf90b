"""Change accounting or billing rules of an entity, alone or with other requests of one batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.domain.accounting_rules import RULE_SETS, RuleSet
from earned.domain.errors import EarnedError, NotFound, Unsupported
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books

Rules = Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRequest:
    """One request of a batch, as it was sent; its children wait until it is carried out."""

    id: str | None
    method: str
    url: str
    body: Mapping[str, object]
    children: Sequence["SettingsRequest"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsOutcome:
    """What became of a request; children of a refused one are not carried out."""

    request: SettingsRequest
    outcome: Rules | EarnedError
    children: Sequence["SettingsOutcome"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRules:
    """Which rules of a set are to be what, as it was sent."""

    rules: RuleSet
    sent: Mapping[str, object]


def change_rules(books: Books, command: ChangeRules) -> Rules:
    """Change the rules that are named, and return all of them. Raises a refusal for each fault."""
    rules = command.rules
    before, wanted = rules.read(books.settings), rules.wanted(command.sent)
    changes = {name: value for name, value in wanted.items() if value != before[name]}
    if changes:
        books.change_settings({rules.field(name): value for name, value in changes.items()})
        leave_trace(books, "changed", rules.key, books.scope.entity_id, changes)
    return {**before, **changes}


def change_settings_together(
    books: Books, requests: Sequence[SettingsRequest]
) -> Sequence[SettingsOutcome]:
    """Carry out requests in order, each by itself: one that is refused undoes no other."""
    return [_carry_out(books, request) for request in requests]


def _carry_out(books: Books, request: SettingsRequest) -> SettingsOutcome:
    try:
        with books.attempt():
            rules = _answer(books, request)
    except EarnedError as refusal:
        return SettingsOutcome(request=request, outcome=refusal)
    children = [_carry_out(books, child) for child in request.children]
    return SettingsOutcome(request=request, outcome=rules, children=children)


def _answer(books: Books, request: SettingsRequest) -> Rules:
    rules = next((one for one in RULE_SETS if one.path == request.url), None)
    if rules is None:
        raise NotFound(f"There is no setting '{request.url}'.")
    if request.method == "PUT":
        return change_rules(books, ChangeRules(rules=rules, sent=request.body))
    if request.method == "GET":
        return rules.read(books.settings)
    raise Unsupported(f"The setting '{rules.path}' does not support {request.method}.")
