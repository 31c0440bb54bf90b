"""A row that is made quickly is the row that it would be otherwise."""

from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from earned.domain.prepaid import BalanceTransaction
from earned.domain.quick_init import quick_init
from earned.domain.usage import GuidedUsage, UsageRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Base):
    quantity: int
    unit: str | None = None
    tags: list[str] = field(default_factory=list)


@quick_init
@dataclass(frozen=True, slots=True, kw_only=True)
class Quick(Base):
    quantity: int
    unit: str | None = None
    tags: list[str] = field(default_factory=list)


def facts(row: Any) -> dict[str, object]:
    return {one.name: getattr(row, one.name) for one in fields(row)}


@pytest.mark.parametrize(
    "said", [{}, {"unit": "Token"}, {"tags": ["a"]}, {"unit": "Call", "tags": []}]
)
def test_fields_are_as_said_or_as_by_default(said: dict[str, Any]) -> None:
    quick, slow = Quick(id="1", quantity=2, **said), Slow(id="1", quantity=2, **said)

    assert facts(quick) == facts(slow)
    assert quick == Quick(id="1", quantity=2, **said)
    assert replace(quick, quantity=3) == Quick(id="1", quantity=3, **said)


def test_each_row_has_a_default_of_its_own() -> None:
    Quick(id="1", quantity=2).tags.append("mine")

    assert Quick(id="2", quantity=2).tags == []


def test_a_row_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Quick(id="1", quantity=2).quantity = 3  # type: ignore[misc]


@pytest.mark.parametrize("said", [{}, {"quantity": 1, "colour": "red"}])
def test_what_is_missing_or_unknown_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Quick(id="1", **said)


def test_what_has_more_to_do_is_not_made_quick() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Checked(Base):
        def __post_init__(self) -> None:
            """Check."""

    with pytest.raises(AssertionError, match="Checked has more to do"):
        quick_init(Checked)


@pytest.mark.parametrize("row", [UsageRecord, GuidedUsage, BalanceTransaction])
def test_rows_of_usage_are_made_quickly_and_whole(row: Any) -> None:
    names = [one.name for one in fields(row)]

    made = row(**{name: name for name in names})

    assert facts(made) == {name: name for name in names}
