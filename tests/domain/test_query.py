"""What object queries ask: values typed by their column, operators that suit them (R 8.9)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.errors import InvalidQuery
from earned.domain.query import Operator, ValueKind, parse_value, write_value

SHANGHAI = ZoneInfo("Asia/Shanghai")

READ = [
    (ValueKind.TEXT, "Acme, Inc.", "Acme, Inc."),
    (ValueKind.EXACT, "10.50", Decimal("10.50")),
    (ValueKind.EXACT, "0.123456789012345678", Decimal("0.123456789012345678")),
    (ValueKind.AMOUNT, "-30.15", Decimal("-30.15")),
    (ValueKind.WHOLE, "42", 42),
    (ValueKind.WHOLE, "42.0", 42),
    (ValueKind.FLAG, "TRUE", True),
    (ValueKind.FLAG, "0", False),
    (ValueKind.DAY, "2026-01-31", date(2026, 1, 31)),
    (ValueKind.LAST_DAY, "2026-01-31", date(2026, 2, 1)),
    (ValueKind.INSTANT, "2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
    (ValueKind.INSTANT, "2024-01-01T08:00:00+08:00", datetime(2024, 1, 1, tzinfo=UTC)),
    (ValueKind.INSTANT, "2024-01-01T08:00:00 08:00", datetime(2024, 1, 1, tzinfo=UTC)),
    (ValueKind.INSTANT, "2024-01-01T08:00:00", datetime(2024, 1, 1, tzinfo=UTC)),
    (ValueKind.INSTANT, "2024-01-01T00:00:00.000000+00:00", datetime(2024, 1, 1, tzinfo=UTC)),
    (ValueKind.INSTANT, "2024-01-01", datetime(2023, 12, 31, 16, tzinfo=UTC)),
]

REFUSED = [
    (ValueKind.TEXT, "a\x00b", "a text"),
    (ValueKind.EXACT, "ten", "a number"),
    (ValueKind.EXACT, "", "a number"),
    (ValueKind.EXACT, "NaN", "a number"),
    (ValueKind.EXACT, "1E999999999", "a number"),
    (ValueKind.EXACT, "1E-999999999", "a number"),
    (ValueKind.EXACT, "1" * 41, "a number"),
    (ValueKind.AMOUNT, "12345678901234", "an amount"),
    (ValueKind.WHOLE, "1.5", "a whole number"),
    (ValueKind.WHOLE, "9223372036854775808", "a whole number"),
    (ValueKind.FLAG, "yes", "true or false"),
    (ValueKind.DAY, "31/01/2026", "a date in yyyy-mm-dd format"),
    (ValueKind.DAY, "2026-02-30", "a date in yyyy-mm-dd format"),
    (ValueKind.LAST_DAY, "9999-12-31", "a date in yyyy-mm-dd format"),
    (ValueKind.INSTANT, "yesterday", "an ISO 8601 date-time"),
    (ValueKind.INSTANT, "9999-12-31T23:59:59.999999Z", "an ISO 8601 date-time"),
]


@pytest.mark.parametrize(("kind", "text", "value"), READ)
def test_a_value_is_read_as_its_column_holds_it(kind: ValueKind, text: str, value: object) -> None:
    assert parse_value(kind, text, "field", SHANGHAI) == value


@pytest.mark.parametrize(("kind", "text", "wanted"), REFUSED)
def test_a_value_that_no_column_of_the_kind_can_hold_is_refused(
    kind: ValueKind, text: str, wanted: str
) -> None:
    with pytest.raises(InvalidQuery) as refusal:
        parse_value(kind, text, "field", SHANGHAI)

    assert str(refusal.value) == f"'field' value '{text}' should be {wanted}."


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**13)))
def test_a_written_decimal_is_read_back_exactly(value: Decimal) -> None:
    written = write_value(ValueKind.EXACT, value)

    assert written is not None
    assert parse_value(ValueKind.EXACT, written, "cursor", SHANGHAI) == value


@given(st.datetimes(max_value=datetime(9990, 1, 1), min_value=datetime(2, 1, 1)))  # noqa: DTZ001
def test_a_written_instant_is_read_back_to_the_microsecond(value: datetime) -> None:
    instant = value.replace(tzinfo=UTC)
    written = write_value(ValueKind.INSTANT, instant)

    assert written is not None
    assert parse_value(ValueKind.INSTANT, written, "cursor", SHANGHAI) == instant


@pytest.mark.parametrize("kind", [ValueKind.DAY, ValueKind.LAST_DAY])
def test_a_written_day_is_read_back(kind: ValueKind) -> None:
    written = write_value(kind, date(2026, 3, 1))

    assert written == ("2026-03-01" if kind is ValueKind.DAY else "2026-02-28")
    assert parse_value(kind, written, "cursor", SHANGHAI) == date(2026, 3, 1)


def test_texts_have_a_beginning_and_numbers_an_order() -> None:
    assert Operator.SW.suits(ValueKind.TEXT)
    assert not Operator.SW.suits(ValueKind.EXACT)
    assert Operator.LT.suits(ValueKind.INSTANT)
    assert not Operator.LT.suits(ValueKind.TEXT)
    assert not Operator.GE.suits(ValueKind.FLAG)
    assert all(Operator.IN.suits(kind) for kind in ValueKind)
