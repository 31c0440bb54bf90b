"""As long as no fund runs out, the order and the grouping of uploads change no number (U 5)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earned.services.record_usage import RecordUsage
from tests.property.shop import RATES, Shop, make_template, usage

records = st.builds(
    usage,
    st.sampled_from([None, *RATES]),
    st.integers(1, 59),
    st.integers(1, 150).map(lambda cents: Fraction(cents, 100)),
)


class Shops:
    """Makes shops, each of its own."""

    def __init__(self, template: Path, directory: Path) -> None:
        self._template = make_template(template, directory / "template.db")
        self._directory = directory
        self._numbers = count()

    @contextmanager
    def open(self) -> Iterator[Shop]:
        shop = Shop(self._template, self._directory / f"shop-{next(self._numbers)}.db")
        yield shop
        shop.application.close()


@pytest.fixture
def shops(sqlite_template: Path, tmp_path: Path) -> Shops:
    return Shops(sqlite_template, tmp_path)


def totals(shop: Shop) -> Counter[tuple[str | None, date]]:
    """Return the cents of each fund and day."""
    found: Counter[tuple[str | None, date]] = Counter()
    with shop.reading() as books:
        for event in books.events.list():
            found[event.fund_id, event.transaction_date] += event.amount_minor or 0
    return found


def record_in_groups(shop: Shop, commands: Sequence[RecordUsage], size: int) -> None:
    for start in range(0, len(commands), size):
        shop.record(commands[start : start + size])


@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), commands=st.lists(records, min_size=2, max_size=8), size=st.integers(1, 8))
def test_order_and_grouping_of_uploads_change_no_number(
    shops: Shops, data: st.DataObject, commands: list[RecordUsage], size: int
) -> None:
    shuffled = data.draw(st.permutations(commands))

    with shops.open() as shop:
        record_in_groups(shop, commands, 1)
        in_order = totals(shop)
    with shops.open() as shop:
        record_in_groups(shop, shuffled, size)
        in_disorder = totals(shop)
        shop.audit()

    assert None not in {fund for fund, _ in in_order}
    assert in_disorder == in_order
