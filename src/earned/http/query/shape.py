"""What of the objects is shown: the related objects of `expand[]`, the fields of `fields[]`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from earned.domain.errors import InvalidQuery
from earned.http.query.faults import Faults
from earned.http.query.fields import Link, QueryObject
from earned.http.query.objects import OBJECTS
from earned.services.query_objects import Expansion

Parameters = Sequence[tuple[str, str]]

DEPTH_MAX = 4
CUSTOM = re.compile(r"[A-Za-z]\w*__(c|ns|qt)", re.ASCII | re.IGNORECASE)
_FIELDS = re.compile(r"(?:(\w+)\.)?fields\[\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of an object: all fields or only some (in lower case), and of its relations.

    Without an object it is a contact, shown as it was sent.
    """

    shown: QueryObject | None
    fields: frozenset[str] | None
    further: Mapping[str, "View"]


@dataclass(slots=True)
class _Branch:
    """A relation to follow, and those to follow from there, by their names in lower case."""

    link: Link
    further: dict[str, "_Branch"] = field(default_factory=dict)

    @property
    def target(self) -> QueryObject | None:
        return OBJECTS.get(self.link.target)


_Branches = dict[str, _Branch]
_Chosen = Mapping[str, set[str]]


def parse_shape(
    asked: QueryObject, parameters: Parameters, faults: Faults
) -> tuple[tuple[Expansion, ...], View]:
    """Return the relations to follow and what is shown of all that is found."""
    branches: _Branches = {}
    for text in _values(parameters, "expand[]"):
        for path in filter(None, text.split(",")):
            faults.attempt(_grow, asked, branches, path)
    chosen = _chosen(asked, parameters)
    own = asked.name.lower()
    for owner in sorted(chosen.keys() - {own, *_owners(branches)}):
        faults.add("fields[]", f"'{owner}.fields[]' names nothing that is shown.")
    return _expansions(branches), _view(asked, own, branches, chosen, faults)


def _values(parameters: Parameters, name: str) -> Sequence[str]:
    return [value for known, value in parameters if known.lower() == name]


def _grow(asked: QueryObject, branches: _Branches, path: str) -> None:
    """Walk along a dotted path, adding the branches that are not there yet."""
    steps = [step.strip().lower() for step in path.split(".")]
    if len(steps) > DEPTH_MAX:
        message = f"'{path}' takes more than the {DEPTH_MAX} steps that expand[] can take."
        raise InvalidQuery(message, field="expand[]")
    here: QueryObject | None = asked
    for step in steps:
        link = here.links_by_name.get(step) if here else None
        if link is None:
            owner = here.name if here else "Contact"
            raise InvalidQuery(f"'{step}' cannot be expanded on {owner}.", field="expand[]")
        branch = branches.setdefault(step, _Branch(link))
        here, branches = branch.target, branch.further


def _chosen(asked: QueryObject, parameters: Parameters) -> _Chosen:
    """Return the fields that are asked for, by the object or relation they are asked of."""
    chosen: dict[str, set[str]] = {}
    for name, text in parameters:
        if match := _FIELDS.fullmatch(name):
            owner = (match[1] or asked.name).lower()
            names = {part.strip().lower() for part in text.split(",")} - {""}
            chosen.setdefault(owner, set()).update(names)
    return chosen


def _owners(branches: _Branches) -> Iterator[str]:
    for name, branch in branches.items():
        yield name
        yield from _owners(branch.further)


def _expansions(branches: _Branches) -> tuple[Expansion, ...]:
    return tuple(
        Expansion(branch.link.name, branch.link.relation, _expansions(branch.further))
        for branch in branches.values()
    )


def _view(
    shown: QueryObject | None, owner: str, branches: _Branches, chosen: _Chosen, faults: Faults
) -> View:
    names = chosen.get(owner)
    for name in sorted(names or ()):
        if shown and name not in shown.by_name and not CUSTOM.fullmatch(name):
            faults.add("fields[]", f"Field '{name}' does not exist on {shown.name}.")
    further = {
        branch.link.name: _view(branch.target, name, branch.further, chosen, faults)
        for name, branch in branches.items()
    }
    return View(shown, None if names is None else frozenset(names), further)
