"""Usage records that are rounded and priced one by one (U 2.20, row 43)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accrual import DayKey
from earned.domain.charge import ChargeTerms, Tier
from earned.domain.individual import (
    IndividualAccrual,
    RecordPrice,
    Uncovered,
    is_rated_individually,
)
from earned.domain.money import Currency
from earned.domain.rate_detail import individual_detail

Groups = dict[str | None, list[tuple[date, Decimal]]]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
USD = Currency.of("USD")


def terms(model: str, *bands: tuple[int | None, str], **changes: Any) -> ChargeTerms:
    tiers = tuple(
        Tier(
            currency="USD",
            tier=at,
            ending_unit=None if end is None else Decimal(end),
            price=Decimal(price),
        )
        for at, (end, price) in enumerate(bands, 1)
    )
    stamp = dict.fromkeys(("created_by", "created_at", "updated_by", "updated_at"))
    facts = {"name": "Calls", "charge_type": "Usage", "uom": "Each", "tiers": tiers, **changes}
    return ChargeTerms(charge_model=model, **facts, **stamp)  # type: ignore[arg-type]


TEN = ((10, "1"), (None, "0.9"))
VOLUME, TIERED = terms("Volume", *TEN), terms("Tiered", *TEN)
PER_UNIT = terms("PerUnit", (None, "0.125"))
OVERAGE = terms("Overage", (None, "0.333"), included_units=Decimal(7))


def key(day: int) -> DayKey:
    return DayKey(date(2018, 1, day), "C-1", 1, "c")


def priced(charge: ChargeTerms, *quantities: str) -> list[int]:
    """Return what records of one day come to, in their order."""
    accrual = IndividualAccrual(RecordPrice(charge, USD))
    for at, quantity in enumerate(quantities):
        accrual.move(key(1), Decimal(quantity), NOW, str(at))
    accrual.settle(NOW)
    assert accrual.amount_minor == sum(minor for _, minor in accrual.pieces())
    return [minor for piece, minor in accrual.pieces() if not piece.is_rest]


def test_u_43_eight_units_and_five_record_by_record() -> None:
    assert priced(VOLUME, "8", "5") == [720, 450]
    assert priced(TIERED, "8", "5") == [800, 470]


def test_each_record_is_rounded_by_itself() -> None:
    assert priced(PER_UNIT, "1", "1", "1") == [13, 13, 13]  # 0.375 together.
    assert priced(OVERAGE, "5", "4", "1") == [0, 67, 33]


def test_a_flat_tier_is_paid_by_the_record_that_reaches_it() -> None:
    flat = Tier(currency="USD", ending_unit=Decimal(10), price=Decimal(5), price_format="FlatFee")
    beyond = Tier(currency="USD", tier=2, price=Decimal(1))

    assert priced(terms("Volume", tiers=(flat, beyond)), "4", "6") == [500, 0]
    assert priced(terms("Volume", tiers=(flat, beyond)), "4", "7") == [400, 700]
    assert priced(terms("Tiered", tiers=(flat, beyond)), "4", "7", "1") == [500, 100, 100]


@pytest.mark.parametrize("model", ["FlatFee", "TieredWithOverage"])
def test_other_models_are_left_to_the_group(model: str) -> None:
    assert not is_rated_individually(terms(model, *TEN))
    assert is_rated_individually(VOLUME)
    money = {"is_prepaid": True, "commitment_type": "CURRENCY"}
    assert not is_rated_individually(terms("PerUnit", (None, "1"), **money))


def test_the_detail_has_a_line_for_each_record() -> None:
    used: Groups = {None: [(date(2018, 1, 1), Decimal(8)), (date(2018, 1, 1), Decimal(5))]}

    assert individual_detail(VOLUME, USD, used) == (
        "2018-01-01: 8 Each(s) x $0.90/Each = $7.20\n"
        "2018-01-01: 5 Each(s) x $0.90/Each = $4.50\n"
        "Total = $11.70"
    )
    assert individual_detail(TIERED, USD, used, 800) == (
        "2018-01-01: 8 Each(s) x $1.00/Each = $8.00\n"
        "2018-01-01: 2 Each(s) x $1.00/Each + 3 Each(s) x $0.90/Each = $4.70\n"
        "Billed before = -$8.00\n"
        "Total = $4.70"
    )
    assert individual_detail(OVERAGE, USD, used).splitlines()[0] == (
        "2018-01-01: 7 Each(s) included + 1 Each(s) x $0.333/Each = $0.33"
    )


def test_the_detail_of_many_records_ends_with_their_sum() -> None:
    used: Groups = {"a": [(date(2018, 1, 1), Decimal(1))] * 150}
    used[None] = [(date(2018, 1, 2), Decimal(-1))]

    lines = individual_detail(PER_UNIT, USD, used).splitlines()
    assert lines[:2] == ["No group", "2018-01-02: -1 Each(s) = $0.00"]
    assert lines[2] == "Group a"
    assert lines[-2:] == ["50 more records = $6.50", "Total = $19.50"]


MOVES = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(["a", "b", "c", "d", ""]),
        st.decimals(-9, 9, places=1),
        st.booleans(),
    ),
    max_size=12,
)


@pytest.mark.parametrize("charge", [VOLUME, TIERED, PER_UNIT, OVERAGE], ids=lambda one: one.name)
@given(moves=MOVES)
def test_whatever_order_it_came_in_it_is_what_its_records_say(
    charge: ChargeTerms, moves: Sequence[tuple[int, str, Decimal, bool]]
) -> None:
    accrual = IndividualAccrual(RecordPrice(charge, USD))
    kept: dict[tuple[int, str], Decimal] = {}
    for day, record, quantity, settles in moves:
        accrual.move(key(day), quantity, NOW, record and f"{day}{record}")
        kept[day, record] = kept.get((day, record), Decimal(0)) + quantity
        if settles:
            accrual.settle(NOW)
    accrual.settle(NOW)

    records = [
        Uncovered(key(day).day, f"{day}{record}", quantity)
        for (day, record), quantity in kept.items()
        if record and quantity
    ]
    again = IndividualAccrual(RecordPrice(charge, USD), accrual.rows.items(), records)
    told = {piece: minor for piece, minor in accrual.pieces() if minor}
    assert {piece: minor for piece, minor in again.pieces() if minor} == told
    by_day = dict.fromkeys(accrual.rows, 0)
    for piece, minor in again.pieces():
        by_day[piece.key] += minor
    assert by_day == {row_key: row.amount_minor for row_key, row in accrual.rows.items()}
