"""Which funds a charge may draw from (U 1.4, 1.5, 2.5)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from earned.domain.prepaid import Fund, FundScope
from earned.domain.reach import Place, funds_in_reach, reaches
from tests import values

HERE = Place(subscription_id="S", rate_plan_id="R", account_ids=("A", "P", "G"))


def fund(identity: str, scope: FundScope, holder: str, **changes: Any) -> Fund:
    return values.fund(id=identity, scope=scope, holder_id=holder, **changes)


@pytest.mark.parametrize(
    ("scope", "holders", "reached"),
    [
        (FundScope.RATEPLAN, ("R", "R2"), [True, False]),
        (FundScope.SUBSCRIPTION, ("S", "S2"), [True, False]),
        (FundScope.ACCOUNT, ("A", "P", "G", "B"), [True, False, False, False]),
    ],
)
def test_u_14_how_far_a_fund_reaches(
    scope: FundScope, holders: Sequence[str], reached: list[bool]
) -> None:
    assert [reaches(fund("f", scope, holder), HERE) for holder in holders] == reached


def test_u_15_a_fund_that_supports_the_hierarchy_pays_for_accounts_below() -> None:
    def reached(holder: str) -> bool:
        return reaches(fund("f", FundScope.ACCOUNT, holder, supports_hierarchy=True), HERE)

    assert [reached(holder) for holder in ("A", "P", "G", "B")] == [True, True, True, False]


def test_funds_of_all_scopes_are_drawn_in_one_order() -> None:
    funds = [
        fund("pool", FundScope.ACCOUNT, "A"),
        fund("last", FundScope.ACCOUNT, "P", supports_hierarchy=True, priority=90),
        fund("other", FundScope.SUBSCRIPTION, "S2"),
        fund("own", FundScope.SUBSCRIPTION, "S", start_date=date(2026, 1, 5)),
        fund("plan", FundScope.RATEPLAN, "R", priority=10),
    ]

    assert [one.id for one in funds_in_reach(HERE, funds)] == ["plan", "pool", "own", "last"]
