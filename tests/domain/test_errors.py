"""Refusals: what went wrong, in words and kinds."""

import pytest

from earned.domain import errors
from earned.domain.errors import EarnedError, Kind, Problem


@pytest.mark.parametrize(
    ("refusal", "category"),
    [
        (errors.Denied, 10),
        (errors.Unauthenticated, 11),
        (errors.Invalid, 20),
        (errors.UnknownField, 21),
        (errors.Missing, 22),
        (errors.MissingParameter, 23),
        (errors.InvalidQuery, 27),
        (errors.RuleBroken, 30),
        (errors.PeriodClosed, 30),
        (errors.Duplicate, 30),
        (errors.NotFound, 40),
        (errors.Unsupported, 45),
        (errors.Contended, 50),
        (errors.LimitExceeded, 70),
        (errors.Malformed, 90),
    ],
)
def test_a_refusal_has_the_category_of_its_kind(refusal: type[EarnedError], category: int) -> None:
    raised = refusal("No.")  # type: ignore[arg-type]

    assert raised.kind == category
    assert str(raised) == "No."


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (errors.PeriodClosed, "ACCOUNTING_PERIOD_CLOSED"),
        (errors.Duplicate, "DUPLICATE_VALUE"),
        (errors.Contended, "LOCK_COMPETITION"),
        (errors.LimitExceeded, "REQUEST_EXCEEDED_LIMIT"),
        (errors.Invalid, ""),
    ],
)
def test_some_refusals_have_a_code_of_the_object_vocabulary(
    refusal: type[EarnedError], code: str
) -> None:
    assert refusal("No.").problems[0].code == code  # type: ignore[arg-type]


def test_a_refusal_names_every_problem_and_is_of_the_kind_of_the_first() -> None:
    refusal = EarnedError(
        [Problem(Kind.MISSING, "The QTY is missing"), Problem(Kind.INVALID, "The UOM is wrong")]
    )

    assert refusal.kind is Kind.MISSING
    assert str(refusal) == "The QTY is missing; The UOM is wrong"


def test_what_is_not_found_is_named_as_clients_know_it() -> None:
    refusal = errors.NotFound.by_key("RS-00000404")

    assert str(refusal) == "Cannot find entity by key: 'RS-00000404'."
    assert refusal.kind is Kind.NOT_FOUND
