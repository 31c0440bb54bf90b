"""Change the accounting rules of an entity, alone or among other requests of one batch (R 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.domain.accounting_rules import accounting_rules, read_accounting_rules
from earned.domain.errors import EarnedError, NotFound, Unsupported
from earned.domain.settings import SETTINGS
from earned.services.leave_trace import leave_trace
from earned.services.ports import Books

PATH = "/accounting-rules"
"""Where the accounting rules are, among the settings."""

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


def change_accounting_rules(books: Books, sent: Mapping[str, object]) -> Rules:
    """Change the rules that are named, and return all of them. Raises a refusal for each fault."""
    before = accounting_rules(books.settings)
    wanted = read_accounting_rules(sent)
    changes = {name: value for name, value in wanted.items() if value != before[name]}
    if changes:
        books.change_settings({SETTINGS[name].field: value for name, value in changes.items()})
        leave_trace(books, "changed", "AccountingRules", books.scope.entity_id, changes)
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
    if request.url != PATH:
        raise NotFound(f"There is no setting '{request.url}'.")
    if request.method == "PUT":
        return change_accounting_rules(books, request.body)
    if request.method == "GET":
        return accounting_rules(books.settings)
    raise Unsupported(f"The setting '{PATH}' does not support {request.method}.")
