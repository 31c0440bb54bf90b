"""The table on currencies is what funds earn."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from earned.domain.accrual import Accrual, DayKey, fund_value
from earned.domain.money import Currency, RoundingMode, major, parse_amount

PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "currencies.md"
ROW = re.compile(
    r"^\| ([A-Z]{3}) (Half Up|Up|Down) ([0-9.]+) \| ([0-9.]+) \| (.+) \|$", re.MULTILINE
)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_a_fund_earns_what_the_table_says() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))

    assert len(rows) == 9
    for code, mode, increment, price, told in rows:
        step = parse_amount(increment, Currency.of(code), "")
        currency = Currency.of(code, RoundingMode(mode), step)
        price_minor = parse_amount(price, currency, "")
        accrual = Accrual(fund_value(price_minor, Decimal(7), currency))
        for day, units in ((1, 2), (2, 3), (3, 2)):
            accrual.move(DayKey(date(2026, 1, day), "C-1", 1, "c"), Decimal(units), NOON)
        earned = [row.amount_minor for _, row in accrual.settle(NOON)]
        assert [f"{major(minor, currency)}" for minor in earned] == told.split(" | "), code
        assert sum(earned) == price_minor
