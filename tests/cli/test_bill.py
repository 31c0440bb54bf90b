"""`earned bill`: runs, and what becomes of them."""

import pytest

from earned.cli.exits import Exit
from earned.services.record_usage import RecordUsage, record_usage
from tests import builders
from tests.api import Keeper
from tests.cli.conftest import Earned, answered, complaint, done


@pytest.fixture(autouse=True)
def _books(keeper: Keeper) -> None:
    """Sell 7 units of January 2020 for 100.00 USD, and use 9: 2 of them are overage at 2.00."""
    with builders.writing(keeper) as books:
        plan = builders.prepaid_plan(books, units=7, price=100, overage=2)
        customer = builders.account(books, number="A-1")
        builders.sell(books, customer, plan, start=builders.NEW_YEAR.replace(year=2020), months=1)
        fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2020-01-10"}
        record_usage(books, [RecordUsage(fields={**fields, "Quantity": 9})])


def test_a_run_is_made_posted_and_listed(earned_here: Earned) -> None:
    run = ("bill", "run", "--target", "2020-02-01", "--invoice-date", "2020-02-01")
    assert done(earned_here(*run)) == "BR-00000001 Completed: 1 document.\n"
    assert done(earned_here("bill", "post", "BR-00000001")) == "BR-00000001 Posted: 1 document.\n"

    listed = answered(earned_here("bill", "list", "--json"))["billRuns"]
    assert [(one["billRunNumber"], one["status"]) for one in listed] == [("BR-00000001", "Posted")]
    assert "BR-00000001" in done(earned_here("bill", "list"))
    assert "nothing broken" in done(earned_here("audit"))


def test_a_run_renews_first_where_it_is_told_to(keeper: Keeper, earned_here: Earned) -> None:
    with builders.writing(keeper) as books:
        (subscription,) = books.subscriptions.list()
        books.subscriptions.change(subscription, auto_renew=True, renewal_term=1)
    run = ("bill", "run", "--target", "2020-02-01", "--invoice-date", "2020-02-01", "--json")

    made = answered(earned_here(*run, "--renew"))["billRun"]

    assert (made["autoRenewal"], made["documentCount"], made["errors"]) == (True, 1, [])
    with builders.writing(keeper) as books:
        assert [one.amount_minor for one in books.documents.list()] == [20400]
        assert books.orders.count() == 1


def test_a_run_of_one_account_is_canceled(earned_here: Earned) -> None:
    run = ("bill", "run", "--target", "2020-02-01", "--account", "A-1", "--exclude", "usage")
    made = answered(earned_here(*run, "--name", "Fees", "--json"))["billRun"]
    assert (made["name"], made["chargeTypeToExclude"]) == ("Fees", ["Usage"])

    assert done(earned_here("bill", "cancel", made["id"])) == "BR-00000001 Canceled: 1 document.\n"


def test_the_exit_code_says_that_an_account_was_not_billed(
    keeper: Keeper, earned_here: Earned
) -> None:
    with builders.writing(keeper) as books:
        (subscription,) = books.subscriptions.list()
        books.subscriptions.change(subscription, auto_renew=True)

    told = earned_here("bill", "run", "--target", "2020-02-01", "--renew")

    assert told.exit_code == Exit.PARTLY
    assert told.stdout.splitlines() == [
        "BR-00000001 Error: 0 documents.",
        "A-1 was not billed: The subscription 'A-S00000001' has no renewal term.",
    ]


def test_accounts_and_subscriptions_are_not_named_together(earned_here: Earned) -> None:
    run = ("bill", "run", "--target", "2020-02-01", "--account", "A-1")

    told = complaint(earned_here(*run, "--subscription", "A-S00000001"), Exit.USAGE)

    assert "--account and --subscription cannot be used together." in told
