"""Required action items: what has to be settled before a period is closed (R 5)."""

from datetime import date

import pytest

from earned.domain.action_items import ActionItem, check_action_items
from earned.domain.errors import EarnedError, Kind


def drafts(count: int) -> list[ActionItem]:
    return [
        ActionItem("draft invoice", f"INV-{number:08}", date(2026, 1, 10))
        for number in range(1, count + 1)
    ]


def test_nothing_is_in_the_way_of_a_close_where_there_are_no_items() -> None:
    check_action_items([])


def test_a_refusal_names_each_item() -> None:
    memo = ActionItem("draft credit memo", "CM-00000007", date(2026, 1, 31))

    with pytest.raises(EarnedError) as refused:
        check_action_items([*drafts(1), memo])

    assert refused.value.kind is Kind.RULE
    start = "The accounting period cannot be closed: post or delete the draft "
    assert [problem.message for problem in refused.value.problems] == [
        f"{start}invoice INV-00000001 of 2026-01-10.",
        f"{start}credit memo CM-00000007 of 2026-01-31.",
    ]


def test_a_refusal_for_very_many_items_says_how_many_more_there_are() -> None:
    with pytest.raises(EarnedError) as refused:
        check_action_items(drafts(1345))

    problems = refused.value.problems
    assert len(problems) == 101
    assert problems[-1].message == "1,245 more required action items are not listed."
