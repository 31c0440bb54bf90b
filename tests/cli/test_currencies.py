"""`earned currencies` lists and changes how an entity rounds amounts."""

from earned.cli.exits import Exit
from tests import builders
from tests.api import Api
from tests.cli.conftest import Earned, answered, complaint, done

FRANCS = {
    "currency": "CHF",
    "decimals": 2,
    "roundingMode": "Half Up",
    "roundingIncrement": 0.05,
    "active": True,
}


def test_a_currency_is_changed_shown_and_listed(earned: Earned) -> None:
    done(earned("init"))
    assert answered(earned("currencies", "--json"))["currencies"] == []

    changed = answered(earned("currencies", "CHF", "--increment", "0.05", "--json"))

    assert changed["currencies"] == [FRANCS]
    assert answered(earned("currencies", "--json"))["currencies"] == [FRANCS]
    (shown,) = answered(earned("currencies", "KWD", "--json"))["currencies"]
    assert (shown["decimals"], shown["roundingIncrement"]) == (3, 0.001)
    text = done(earned("currencies", "CHF", "--rounding", "down", "--inactive"))
    assert text.split()[-5:] == ["CHF", "2", "Down", "0.05", "false"]


def test_what_cannot_be_decided_is_refused(earned: Earned) -> None:
    done(earned("init"))

    refused = complaint(earned("currencies", "JPY", "--increment", "0.5"), Exit.REFUSED)

    assert "'roundingIncrement' should be an amount above 0 with at most 0 decimals" in refused
    complaint(earned("currencies", "--rounding", "Up"), Exit.USAGE)


def test_rounding_stays_once_there_are_amounts(earned_here: Earned, api: Api) -> None:
    with builders.writing(api) as books:
        builders.sell(books, builders.account(books), builders.prepaid_plan(books), months=1)

    refused = complaint(earned_here("currencies", "USD", "--rounding", "Up"), Exit.REFUSED)

    assert "The rounding of USD cannot be changed: the books have amounts in USD" in refused
