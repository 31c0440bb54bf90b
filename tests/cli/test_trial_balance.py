"""`earned report trial-balance` prints the trial balance of a period as it was run last."""

import pytest

from earned.cli.exits import Exit
from tests.api import Api
from tests.cli.conftest import Earned, answered, complaint, done
from tests.http.billing import Shop
from tests.http.journal import PERIODS, Ledger

JANUARY = ("report", "trial-balance", "--period", "Jan'2013")


@pytest.fixture
def _january(api: Api) -> None:
    ledger = Ledger(api)
    ledger.schedule("100", {"Jan'2013": "100"})
    ledger.close("Jan'2013")


closed_january = pytest.mark.usefixtures("_january")


@closed_january
def test_it_is_a_table(earned_here: Earned) -> None:
    told = [line.split() for line in done(earned_here(*JANUARY)).splitlines()]

    assert told[-4:-2] == [
        ["USD", "Deferred", "Revenue", "DeferredRevenue", "0.00", "100.00", "0.00", "100.00"],
        ["USD", "Subscription", "Revenue", "SalesRevenue", "0.00", "0.00", "100.00", "-100.00"],
    ]
    assert told[-1] == ["USD", "total", "0.00", "100.00", "100.00", "0.00"]


@closed_january
def test_a_file_is_the_one_that_the_api_answers(earned_here: Earned, api: Api) -> None:
    told = earned_here(*JANUARY, "--format", "csv")

    path = "/v1/reports/trial-balance?accountingPeriodName=Jan'2013&format=csv"
    assert told.stdout_bytes == api.get(path).content


@closed_january
def test_json_is_what_the_api_answers(earned_here: Earned, api: Api) -> None:
    told = answered(earned_here(*JANUARY, "--format", "json"))

    assert told == api.found("/v1/reports/trial-balance?accountingPeriodName=Jan'2013")


def test_receivables_and_required_actions_are_below_it(earned_here: Earned, api: Api) -> None:
    shop = Shop(api)
    shop.posted()
    number = shop.draft()["invoiceNumber"]
    january = shop.periods["Jan'2024"]
    shop.put(f"{PERIODS}/{january}/run-trial-balance")

    told = done(earned_here("report", "trial-balance", "--period", "Jan'2024")).split("\n\n")

    _, receivables, actions = told
    assert receivables.startswith("Receivables\n")
    assert receivables.splitlines()[-1].split() == [
        *("USD", "Jan'2024", "open", "0.00", "300.00", "0.00", "0.00", "0.00", "300.00")
    ]
    assert actions == f"Required action items\ndraft invoice {number} of 2024-01-15\n"


@closed_january
@pytest.mark.parametrize("words", [[], ["--from", "Jan'2013"], ["--account", "A00000001"]])
def test_it_is_of_one_period_and_of_all_customers(earned_here: Earned, words: list[str]) -> None:
    period = ["--period", "Jan'2013"] if "--account" in words else []

    told = complaint(earned_here("report", "trial-balance", *period, *words), Exit.REFUSED)

    assert told == "The report 'trial-balance' is of one accounting period as a whole.\n"
