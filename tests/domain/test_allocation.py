"""A contract's price is allocated by stand-alone selling prices, and adds up."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accrual import fund_value
from earned.domain.allocation import allocate
from earned.domain.errors import RuleBroken
from earned.domain.money import Currency

USD, JPY = Currency.of("USD"), Currency.of("JPY")
DOLLAR = 100


def test_r_t47_a_discount_is_shared_in_proportion() -> None:
    assert allocate(100_000, [90_000, 30_000]) == [75_000, 25_000]


def test_r_t48_a_material_right_takes_its_part_of_the_price() -> None:
    """Example 49: 40 % off, of which everyone gets 10 %, on 50 average with 80 % likelihood."""
    right = 50 * 30 * 80 // 100
    assert right == 12 * DOLLAR

    assert allocate(100 * DOLLAR, [100 * DOLLAR, right]) == [8929, 1071]
    assert allocate(100 * DOLLAR, [100 * DOLLAR, right], DOLLAR) == [89 * DOLLAR, 11 * DOLLAR]


def test_r_t48_points_earn_their_part_as_they_are_redeemed() -> None:
    """Example 52: 10,000 points, of which 9,500 and a year later 9,700 are expected to be used."""
    product, points = allocate(100_000, [100_000, 9_500])
    assert (product, points) == (91_324, 8_676)

    first = fund_value(points, Decimal(10_000), JPY, Decimal("0.05"))(Decimal(4_500))
    both = fund_value(points, Decimal(10_000), JPY, Decimal("0.03"))(Decimal(8_500))

    assert (first, both - first) == (4_110, 3_493)


def test_u_49_a_fund_sold_at_its_part_releases_that() -> None:
    prepaid, support = allocate(150_000, [120_000, 40_000])
    assert (prepaid, support) == (112_500, 37_500)

    value = fund_value(prepaid, Decimal(1000), USD)

    used = (0, 250, 583, 1000)
    earned = [after - before for before, after in pairwise(value(Decimal(units)) for units in used)]
    assert earned == [28_125, 37_463, 46_912]


@given(
    st.integers(0, 10**9),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=9).filter(any),
    st.sampled_from([1, 5, 100]),
)
def test_parts_add_up_to_the_price(price: int, standalone: list[int], increment: int) -> None:
    parts = allocate(price, standalone, increment)

    assert sum(parts) == price
    assert len(parts) == len(standalone)
    assert min(parts) >= 0
    assert sum(part % increment != 0 for part in parts) <= (price % increment != 0)


def test_nothing_is_allocated_to_nothing() -> None:
    for standalone in ([], [0, 0], [10, -1]):
        with pytest.raises(RuleBroken, match="Stand-alone selling prices"):
            allocate(100, standalone)
