"""Choices in any spelling."""

import pytest

from earned.domain.choices import parse_choice
from earned.domain.errors import Invalid
from earned.domain.recognition import Method, Rounding
from earned.domain.recognition_rule import RuleModel


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("Daily Distribution", Method.DAILY),
        ("daily distribution", Method.DAILY),
        ("Daily distribution", Method.DAILY),
        ("MONTHLY DISTRIBUTION (BACK LOAD)", Method.BACK_LOAD),
        ("monthly distribution front load", Method.FRONT_LOAD),
        ("Monthly Distribution (Proration by Days)", Method.BY_DAYS),
    ],
)
def test_letters_decide(text: str, method: Method) -> None:
    assert parse_choice(Method, text, "distributionType") is method


def test_a_dash_is_no_letter() -> None:
    text = "Custom \u2013 Unlimited Recognition"

    assert parse_choice(RuleModel, text, "recognitionModel") is RuleModel.CUSTOM_UNLIMITED


@pytest.mark.parametrize("value", ["Upward", "", 7, None, ["Trailing"]])
def test_what_is_no_choice_is_refused_with_all_there_are(value: object) -> None:
    with pytest.raises(Invalid, match="'rounding' value should be one of: Trailing, Leading"):
        parse_choice(Rounding, value, "rounding")
