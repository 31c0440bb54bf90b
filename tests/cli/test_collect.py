"""`earned collect` and `earned expire`."""

import pytest

from earned.cli.exits import Exit
from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import Keeper
from tests.cli.conftest import Earned, answered, complaint, done
from tests.periods import define_months


@pytest.fixture(autouse=True)
def _books(keeper: Keeper) -> None:
    """Sell 7 units of January 2020 for 100.00 USD, and use 9: 2 of them are overage at 2.00."""
    with builders.writing(keeper) as books:
        define_months(books, 2020, 1, 2)
        plan = builders.prepaid_plan(books, units=7, price=100, overage=2)
        customer = builders.account(books, number="A-1")
        builders.sell(books, customer, plan, start=builders.NEW_YEAR.replace(year=2020), months=2)
        fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2020-01-10"}
        record_usage(books, [RecordUsage(fields={**fields, "Quantity": 9})])


def test_what_was_collected_is_told_with_its_numbers(earned_here: Earned) -> None:
    assert answered(earned_here("collect", "--json")) == {
        "success": True,
        "eventsCollected": 2,
        "revenueEvents": ["RE-00000003", "RE-00000004"],
        "revenueSchedules": ["RS-00000003"],
    }
    assert answered(earned_here("collect", "--json"))["eventsCollected"] == 0


def test_what_was_collected_is_told_in_a_sentence(earned_here: Earned) -> None:
    assert done(earned_here("collect")) == (
        "2 events collected: 2 revenue events made, 1 revenue schedules.\n"
    )


def test_what_expired_is_told_with_its_amounts(earned_here: Earned) -> None:
    # January's fund is used up; February's has all of its 7 units.
    assert answered(earned_here("expire", "--through", "2020-02-29", "--json")) == {
        "success": True,
        "expiredFunds": 1,
        "breakage": [{"currency": "USD", "amount": "100.00"}],
    }
    assert done(earned_here("expire", "--through", "2020-02-29")) == "0 funds expired.\n"


def test_what_expired_is_told_in_a_sentence(earned_here: Earned) -> None:
    told = done(earned_here("expire", "--through", "2020-02-29"))

    assert told == "1 funds expired, breakage of 100.00 USD.\n"


def test_the_books_are_sound_afterwards(earned_here: Earned) -> None:
    earned_here("expire", "--through", "2020-02-29")
    earned_here("collect")

    assert answered(earned_here("audit", "--json"))["breaks"] == []


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2020-13-01", "should be in yyyy-mm-dd format"),
        ("2999-01-01", "should be a day that is over"),
    ],
)
def test_a_bad_day_is_refused(earned_here: Earned, day: str, words: str) -> None:
    refused = earned_here("expire", "--through", day)

    assert words in complaint(refused, Exit.REFUSED)


def test_without_a_day_what_is_over_expires_after_the_days_of_grace(earned_here: Earned) -> None:
    done(earned_here("settings", "expiryGraceDays=366"))
    assert answered(earned_here("expire", "--json"))["expiredFunds"] == 1
