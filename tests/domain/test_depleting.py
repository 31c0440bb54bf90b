"""Depleting funds by hand: what a request may say (U 2.14)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from earned.domain.depleting import Depletion, parse_depletions
from earned.domain.errors import EarnedError, Kind


def option(**more: Any) -> dict[str, Any]:
    return {"depleteOptions": [{"fundId": "a", **more}]}


def test_a_request_names_funds_or_says_more_of_each() -> None:
    assert parse_depletions({"fundIds": ["a", "b"]}) == [
        Depletion(fund_id="a"),
        Depletion(fund_id="b"),
    ]
    part = option(depleteDate="2026-01-12", depleteQuantity=Decimal("2.5"))
    assert parse_depletions(part) == [
        Depletion(fund_id="a", day=date(2026, 1, 12), quantity=Decimal("2.5"))
    ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, Kind.INVALID),
        ({"fundIds": ["a"], "depleteOptions": []}, Kind.INVALID),
        ({"fundIds": []}, Kind.INVALID),
        ({"fundIds": "a"}, Kind.INVALID),
        ({"fundIds": ["a", "a"]}, Kind.INVALID),
        ({"fundIds": [" "]}, Kind.INVALID),
        ({"fundIds": ["a" * 33]}, Kind.INVALID),
        ({"fundIds": [""]}, Kind.MISSING),
        ({"fundIds": [str(place) for place in range(101)]}, Kind.INVALID),
        ({"fundIds": ["a"], "more": 1}, Kind.UNKNOWN_FIELD),
        (option(more=1), Kind.UNKNOWN_FIELD),
        ({"depleteOptions": [{}]}, Kind.MISSING),
        ({"depleteOptions": [1]}, Kind.INVALID),
        (option(depleteQuantity=0), Kind.INVALID),
        (option(depleteQuantity=-1), Kind.INVALID),
        (option(depleteDate="soon"), Kind.INVALID),
        (option(depleteQuantity=1, depleteAmount=1), Kind.INVALID),
    ],
)
def test_a_request_that_is_refused_as_a_whole(body: dict[str, Any], kind: Kind) -> None:
    with pytest.raises(EarnedError) as refused:
        parse_depletions(body)

    assert refused.value.kind is kind


def test_more_digits_than_units_have_are_no_matter_of_being_greater_than_zero() -> None:
    with pytest.raises(EarnedError, match="at most 13 digits before and 9 after the point"):
        parse_depletions(option(depleteQuantity="0.0000000001"))
