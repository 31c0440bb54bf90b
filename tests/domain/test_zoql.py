"""What the conditions of ZOQL mean, field by field (R 8.10)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from earned.domain.errors import EarnedError
from earned.domain.query import Condition, Operator, ValueKind
from earned.domain.zoql import Asked, Comparison, Literal, LiteralKind, conditions_of

UTC_ZONE = ZoneInfo("UTC")
K, STRING, NUMBER = ValueKind, LiteralKind.STRING, LiteralKind.NUMBER
NULL = Literal(LiteralKind.NULL, "null")


def asked(kind: ValueKind, **spelled: str) -> Asked:
    return Asked("Field", "column", kind, spelled)


def compare(operator: str, text: str, kind: LiteralKind = STRING) -> Comparison:
    return Comparison("Field", operator, Literal(kind, text))


def refusal(field: Asked, comparison: Comparison) -> tuple[str, str]:
    with pytest.raises(EarnedError) as refused:
        conditions_of(field, comparison, UTC_ZONE)
    problem = refused.value.problems[0]
    return problem.kind.name, problem.message


@pytest.mark.parametrize(
    ("kind", "literal", "stored_kind", "value"),
    [
        (K.TEXT, Literal(STRING, "Acme"), K.KEY, "Acme"),
        (K.KEY, Literal(STRING, "ABC"), K.KEY, "abc"),
        (K.CUSTOM, Literal(NUMBER, "7"), K.CUSTOM_KEY, "7"),
        (K.EXACT, Literal(NUMBER, "10.50"), K.EXACT, Decimal("10.50")),
        (K.AMOUNT, Literal(STRING, "10.5"), K.AMOUNT, Decimal("10.5")),
        (K.WHOLE, Literal(NUMBER, "-3"), K.WHOLE, -3),
        (K.FLAG, Literal(LiteralKind.FLAG, "true"), K.FLAG, True),
        (K.DAY, Literal(STRING, "2026-01-31"), K.DAY, date(2026, 1, 31)),
        (K.LAST_DAY, Literal(STRING, "2026-01-31"), K.LAST_DAY, date(2026, 2, 1)),
        (
            K.INSTANT,
            Literal(STRING, "2026-01-31T01:00:00+01:00"),
            K.INSTANT,
            datetime(2026, 1, 31, tzinfo=UTC),
        ),
        (K.TEXT, NULL, K.KEY, None),
    ],
)
def test_a_value_is_read_as_its_field_holds_it(
    kind: ValueKind, literal: Literal, stored_kind: ValueKind, value: object
) -> None:
    found = conditions_of(asked(kind), Comparison("Field", "=", literal), UTC_ZONE)

    assert found == (Condition("column", stored_kind, Operator.EQ, (value,)),)


@pytest.mark.parametrize(
    ("kind", "comparison", "wanted"),
    [
        (K.DAY, compare("=", "31.01.2026"), "a date in yyyy-mm-dd format."),
        (K.DAY, compare("=", "2026-01-31T00:00:00Z"), "a date in yyyy-mm-dd format."),
        (K.INSTANT, compare(">", "2026-01-31T00:00:00"), "a dateTime with an offset."),
        (K.INSTANT, compare(">", "2026-01-31"), "a dateTime with an offset."),
        (K.INSTANT, compare(">", "2026-13-31T00:00:00Z"), "an ISO 8601 date-time."),
        (K.EXACT, compare("=", "ten"), "a number."),
        (K.WHOLE, compare("=", "1.5", NUMBER), "a whole number."),
        (K.FLAG, compare("=", "yes"), "true or false."),
    ],
)
def test_a_value_of_a_wrong_format_is_refused(
    kind: ValueKind, comparison: Comparison, wanted: str
) -> None:
    message = f"'Field' value '{comparison.literal.text}' should be {wanted}"

    assert refusal(asked(kind), comparison) == ("INVALID", message)


@pytest.mark.parametrize(
    ("kind", "comparison", "message"),
    [
        (K.TEXT, compare("=", "7", NUMBER), "'Field' value 7 should be in single quotes."),
        (K.DAY, compare("=", "2026", NUMBER), "'Field' value 2026 should be in single quotes."),
        (K.FLAG, compare("=", "1", NUMBER), "'Field' value 1 should be true or false."),
        (
            K.EXACT,
            compare("=", "true", LiteralKind.FLAG),
            "'Field' value true should be a number.",
        ),
    ],
)
def test_a_value_is_written_as_its_kind_is(
    kind: ValueKind, comparison: Comparison, message: str
) -> None:
    assert refusal(asked(kind), comparison) == ("INVALID", message)


@pytest.mark.parametrize(
    ("field", "comparison", "message"),
    [
        (asked(K.FLAG), compare(">", "true"), "Operator > cannot be used with field 'Field'."),
        (asked(K.EXACT), compare("like", "1%"), "Operator like cannot be used with field 'Field'."),
        (asked(K.TEXT, a="b"), compare("<", "b"), "Operator < cannot be used with field 'Field'."),
        (asked(K.TEXT), Comparison("Field", ">=", NULL), "Operator >= cannot be used with null."),
        (asked(K.TEXT), compare("like", "%a%b%"), "A pattern has at most 2 percent signs."),
        (asked(K.TEXT), compare("like", "_" * 1001), "A pattern has at most 1000 characters."),
    ],
)
def test_an_operator_that_a_field_does_not_have_is_refused(
    field: Asked, comparison: Comparison, message: str
) -> None:
    assert refusal(field, comparison) == ("INVALID_QUERY", message)


def test_a_value_stands_for_all_that_are_spelled_like_it() -> None:
    field = asked(K.TEXT, PendingClose="Open", OneTime="One-Time")

    def found(operator: str, text: str) -> list[tuple[Operator, tuple[object, ...]]]:
        conditions = conditions_of(field, compare(operator, text), UTC_ZONE)
        return [(condition.operator, condition.values) for condition in conditions]

    assert found("=", "Open") == [(Operator.IN, ("PendingClose", "Open"))]
    assert found("=", "PendingClose") == [(Operator.IN, ())]
    assert found("!=", "One-Time") == [
        (Operator.NE, ("OneTime",)),
        (Operator.NE, ("One-Time",)),
    ]
