"""Taking units out of funds and giving them back (U 2.5, 2.15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from earned.domain.drawdown import burn_order, draw_down, give_back
from earned.domain.prepaid import Fund

START, END, NOW = date(2025, 1, 1), date(2025, 2, 1), datetime(2025, 1, 1, tzinfo=UTC)
DAY = date(2025, 1, 15)


@dataclass
class Source:
    fund: Fund
    balance: Decimal


def fund(name: str, units: int = 100, **changes: Any) -> Fund:
    facts: dict[str, Any] = {
        "id": name,
        "entity_id": "e",
        "account_id": "a",
        "prepaid_balance_id": "b",
        "validity_period_summary_id": "v",
        "source_id": "c",
        "charge_number": "C-00000001",
        "charge_segment": 1,
        "holder_id": "s",
        "currency": "USD",
        "funded_balance": Decimal(units),
        "balance": Decimal(units),
        "funding_price_minor": 1000,
        "start_date": START,
        "end_date": END,
        "created_by": "u",
        "created_at": NOW,
        "updated_by": "u",
        "updated_at": NOW,
    }
    return Fund(**{**facts, **changes})


def sources(*funds: Fund) -> list[Source]:
    return [Source(one, one.balance) for one in sorted(funds, key=burn_order)]


def take(held: Sequence[Source], needed: int, day: date = DAY) -> tuple[list[tuple[str, int]], int]:
    """Draw, and move the balances as a caller does."""
    draws, shortfall = draw_down(held, day, Decimal(needed))
    for draw in draws:
        assert isinstance(draw.source, Source)
        draw.source.balance -= draw.units
    return [(draw.source.fund.id, int(draw.units)) for draw in draws], int(shortfall)


def test_u_28_one_fund_after_another_in_burn_order() -> None:
    held = sources(
        fund("RL", 40, priority=1, rollover_count=1, rollover_apply="ApplyLast"),
        fund("N50b", start_date=date(2025, 1, 5)),
        fund("N50a"),
        fund("N20", priority=20, start_date=date(2025, 1, 10)),
        fund("RF", 30, priority=90, rollover_count=1, rollover_apply="ApplyFirst"),
    )

    assert take(held, 250) == ([("RF", 30), ("N20", 100), ("N50a", 100), ("N50b", 20)], 0)
    assert take(held, 100) == ([("N50b", 80), ("RL", 20)], 0)
    assert take(held, 50) == ([("RL", 20)], 30)


def test_a_fund_that_was_not_rolled_is_ordinary_whatever_it_will_do() -> None:
    ordinary = fund("A", rollover_apply="ApplyLast")

    assert burn_order(ordinary)[0] == burn_order(fund("B"))[0] == 1


def test_the_earlier_creation_and_then_the_lower_id_decide() -> None:
    later = datetime(2025, 1, 2, tzinfo=UTC)

    assert [one.fund.id for one in sources(fund("B"), fund("C"), fund("A", created_at=later))] == [
        "B",
        "C",
        "A",
    ]


def test_a_fund_covers_its_first_day_and_not_its_last() -> None:
    assert take(sources(fund("A")), 5, START) == ([("A", 5)], 0)
    assert take(sources(fund("A")), 5, date(2025, 1, 31)) == ([("A", 5)], 0)
    assert take(sources(fund("A")), 5, END) == ([], 5)
    assert take(sources(fund("A", 0)), 5) == ([], 5)
    assert take(sources(fund("A")), 0) == ([], 0)


def test_what_comes_back_to_a_fund_that_is_done_is_not_drawn() -> None:
    assert take(sources(fund("A", done=True), fund("B", 3)), 5) == ([("B", 3)], 2)


def test_what_is_given_back_goes_to_the_fund_drawn_last() -> None:
    first, second = sources(fund("A"), fund("B"))

    draws, unmatched = give_back([(first, Decimal(3)), (second, Decimal(2))], Decimal(4))

    assert [(draw.source.fund.id, int(draw.units)) for draw in draws] == [("B", -2), ("A", -2)]
    assert unmatched == 0


UNITS = st.decimals(min_value=0, max_value=1000, places=2)


@given(st.lists(UNITS, max_size=6), UNITS)
def test_drawn_and_short_make_the_need(balances: list[Decimal], needed: Decimal) -> None:
    held = [Source(fund(str(place)), units) for place, units in enumerate(balances)]

    draws, shortfall = draw_down(held, DAY, needed)

    assert sum((draw.units for draw in draws), shortfall) == needed
    assert shortfall == max(Decimal(0), needed - sum(balances, Decimal(0)))
    assert all(0 < draw.units <= draw.source.balance for draw in draws)
    assert all(draw.units == draw.source.balance for draw in draws[:-1])


@given(st.lists(UNITS, max_size=6), UNITS)
def test_returned_and_unmatched_make_what_came_back(given_: list[Decimal], units: Decimal) -> None:
    held = [(Source(fund(str(place)), Decimal(0)), one) for place, one in enumerate(given_)]

    draws, unmatched = give_back(held, units)

    assert sum((-draw.units for draw in draws), unmatched) == units
    assert unmatched == max(Decimal(0), units - sum(given_, Decimal(0)))
    assert all(draw.units < 0 for draw in draws)
