"""Postings of one transaction, and their sums (R 6.2, R 6.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.chart import CATEGORIES
from earned.domain.posting import (
    RULES,
    Code,
    Posting,
    PostingSum,
    TransactionType,
    post,
    summarize,
)

REVENUE_EVENT = TransactionType.REVENUE_EVENT_ITEM
DEFERRED, EARNED = Code("Deferred Revenue", "DeferredRevenue"), Code("Revenue", "SalesRevenue")
BLANK = Code(None, "SalesRevenue")


def posted(amount_minor: int, currency: str = "USD", credit: Code = EARNED) -> Posting:
    posting = post(REVENUE_EVENT, currency, amount_minor, DEFERRED, credit)
    assert posting
    return posting


def test_recognising_revenue_debits_what_was_deferred() -> None:
    posting = posted(10_000)

    assert (posting.debit, posting.credit, posting.amount_minor) == (DEFERRED, EARNED, 10_000)


def test_a_negative_amount_swaps_sides_and_is_posted_as_a_positive_one() -> None:
    posting = posted(-5_593)

    assert (posting.debit, posting.credit, posting.amount_minor) == (EARNED, DEFERRED, 5_593)


def test_nothing_posts_nothing() -> None:
    assert post(REVENUE_EVENT, "USD", 0, DEFERRED, EARNED) is None


def test_no_posting_is_negative() -> None:
    with pytest.raises(AssertionError):
        Posting(REVENUE_EVENT, "USD", DEFERRED, EARNED, -1)


@pytest.mark.parametrize(
    ("kind", "debit", "credit"),
    [
        ("Invoice Item", "AccountsReceivable", "DeferredRevenue"),
        ("Taxation Item", "AccountsReceivable", "SalesTaxPayable"),
        ("Revenue Event Item", "DeferredRevenue", "SalesRevenue"),
        ("Credit Memo Item (Charge)", "DeferredRevenue", "AccountsReceivable"),
        ("Electronic Payment", "Cash", "AccountsReceivable"),
        ("External Refund", "AccountsReceivable", "Cash"),
    ],
)
def test_each_type_has_its_two_sides(kind: str, debit: str, credit: str) -> None:
    assert RULES[TransactionType(kind)] == (debit, credit)


def test_rules_name_types_of_the_chart() -> None:
    assert {code_type for rule in RULES.values() for code_type in rule} <= set(CATEGORIES)


def test_postings_are_added_up_by_currency_and_codes_and_not_netted() -> None:
    postings = [posted(100), posted(-30), posted(250), posted(7, "JPY"), posted(5, credit=BLANK)]

    assert summarize(postings) == [
        PostingSum(REVENUE_EVENT, "JPY", DEFERRED, EARNED, 7),
        PostingSum(REVENUE_EVENT, "USD", DEFERRED, BLANK, 5),
        PostingSum(REVENUE_EVENT, "USD", DEFERRED, EARNED, 350, 2),
        PostingSum(REVENUE_EVENT, "USD", EARNED, DEFERRED, 30),
    ]


@given(st.lists(st.integers(-(10**15), 10**15)))
def test_sums_hold_every_posting_once_and_the_net_amount(amounts: list[int]) -> None:
    postings = [post(REVENUE_EVENT, "USD", amount, DEFERRED, EARNED) for amount in amounts]

    sums = summarize(posting for posting in postings if posting)

    signs = {DEFERRED: 1, EARNED: -1}
    assert sum(one.count for one in sums) == sum(1 for amount in amounts if amount)
    assert sum(signs[one.debit] * one.amount_minor for one in sums) == sum(amounts)
