"""What a trial balance says of transactions and entries made by hand (R 6.1)."""

from hypothesis import given
from hypothesis import strategies as st

from earned.domain.posting import Code, PostingSum, Side, TransactionType
from earned.domain.trial_balance import LedgerAccount, Line, closing_of, lines_of, movements_of

DEFERRED, EARNED = Code("Deferred", "DeferredRevenue"), Code("Revenue", "SalesRevenue")
BLANK = Code(None, "OtherAssets")


def summed(amount_minor: int, debit: Code = DEFERRED, credit: Code = EARNED) -> PostingSum:
    return PostingSum(TransactionType.REVENUE_EVENT_ITEM, "USD", debit, credit, amount_minor)


def in_dollars(code: Code) -> LedgerAccount:
    return LedgerAccount("USD", code)


def test_a_line_opens_moves_and_closes() -> None:
    opening = {in_dollars(DEFERRED): -50_000, in_dollars(BLANK): 7}
    moved = movements_of(
        [summed(10_000), summed(3_000, EARNED, DEFERRED)],
        [(in_dollars(EARNED), Side.DEBIT, 5), (in_dollars(DEFERRED), Side.CREDIT, 5)],
    )

    lines = lines_of(opening, moved)

    assert lines == [
        Line(in_dollars(BLANK), 7, 0, 0),
        Line(in_dollars(DEFERRED), -50_000, 10_000, 3_005),
        Line(in_dollars(EARNED), 0, 3_005, 10_000),
    ]
    assert closing_of(lines) == {
        in_dollars(BLANK): 7,
        in_dollars(DEFERRED): -43_005,
        in_dollars(EARNED): -6_995,
    }


def test_a_code_without_balance_and_movement_has_no_line() -> None:
    assert lines_of({in_dollars(DEFERRED): 0}, {}) == []


def test_a_code_that_moved_back_keeps_its_line_and_carries_nothing_on() -> None:
    lines = lines_of({}, movements_of([summed(9), summed(9, EARNED, DEFERRED)], []))

    assert lines == [Line(in_dollars(DEFERRED), 0, 9, 9), Line(in_dollars(EARNED), 0, 9, 9)]
    assert closing_of(lines) == {}


codes = st.sampled_from([DEFERRED, EARNED, BLANK])
sums = st.lists(st.builds(summed, st.integers(1, 10**12), codes, codes))


@given(sums, sums)
def test_both_sides_are_equal_and_balances_add_up_to_zero(
    first: list[PostingSum], second: list[PostingSum]
) -> None:
    earlier = lines_of({}, movements_of(first, []))
    lines = lines_of(closing_of(earlier), movements_of(second, []))

    assert sum(line.debit_minor for line in lines) == sum(line.credit_minor for line in lines)
    assert sum(line.opening_minor for line in lines) == 0
    assert sum(line.closing_minor for line in lines) == 0
