"""What has to be settled before an accounting period may be closed (R 5: required action items).

A document that is still a draft has no place in the books yet; closed in, it could never get one.
Usage that no charge has rated, and charges that were not billed, never keep a period open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from earned.domain.errors import EarnedError, Kind, Problem

NAMED_MAX = 100
"""How many items a refusal names; a close that is refused for more says how many more."""


@dataclass(frozen=True, slots=True)
class ActionItem:
    """A document that is in the way of a close: what it is (`draft invoice`), number and day."""

    document: str
    number: str
    day: date


def check_action_items(items: Sequence[ActionItem]) -> None:
    """Refuse to close a period while there are required action items, each named.

    Raises a refusal with one problem for each of the first hundred.
    """
    problems = [Problem(Kind.RULE, _asked(item)) for item in items[:NAMED_MAX]]
    if len(items) > NAMED_MAX:
        more = f"{len(items) - NAMED_MAX:,} more required action items are not listed."
        problems.append(Problem(Kind.RULE, more))
    if problems:
        raise EarnedError(problems)


def wire_item(item: ActionItem) -> Mapping[str, object]:
    """Return an item as it is answered."""
    return {"document": item.document, "number": item.number, "date": item.day}


def _asked(item: ActionItem) -> str:
    return (
        f"The accounting period cannot be closed: post or delete the {item.document}"
        f" {item.number} of {item.day}."
    )
