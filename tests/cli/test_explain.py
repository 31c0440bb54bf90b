"""`earned explain` tells what a number is made of, line by line."""

import json

import pytest

from earned.cli.exits import Exit
from tests import builders
from tests.api import Api
from tests.builders import writing
from tests.cli.conftest import Earned, complaint, done
from tests.explaining import journalled, masked
from tests.periods import define_months
from tests.reports import use

JAN = "Jan'2026"


@pytest.fixture(autouse=True)
def _books(api: Api) -> None:
    """Use 4 and 3 of 10 tokens that cost 100.00, close January, and make its entry."""
    with writing(api) as books:
        define_months(books, 2026, 1)
        plan = builders.prepaid_plan(books, units=10, price=100)
        builders.sell(books, builders.account(books), plan, months=1)
    for quantity in (4, 3):
        use(api, quantity, "2026-01-10")
    journalled(api, JAN)


def test_a_tree_is_indented(earned_here: Earned) -> None:
    told = masked(done(earned_here("explain", f"RS-00000001:{JAN}", "--down")))

    assert told.splitlines() == [
        "RevenueItem RS-00000001:Jan'2026 (recognized): 70.00 USD",
        "  made of 1 RevenueEventItem: 70.00 USD",
        "    RevenueEventItem RE-00000002:Jan'2026 (Usage Collected): 70.00 USD",
        "      made of 1 RevenueRecognitionEvent: 70.00 USD, 7 units",
        "        RevenueRecognitionEvent (id) (Daily Rated Usage) 2026-01-10: 70.00 USD, 7 units",
        "          made of 1 DailyConsumptionSummary: 70.00 USD, 7 units",
        "            DailyConsumptionSummary (id) (Drawdown) 2026-01-10: 70.00 USD, 7 units",
        "              made of 2 PrepaidBalanceTransaction: -7 units",
        "                PrepaidBalanceTransaction (id) (DRAWDOWN) 2026-01-10: -4 units",
        "                  made of 1 GuidedUsage: 4 units",
        "                    GuidedUsage (id) (Processed) 2026-01-10: 4 Token",
        "                      made of 1 Usage: 4 units",
        "                        Usage (id) (Processed) 2026-01-10: 4 Token",
        "                PrepaidBalanceTransaction (id) (DRAWDOWN) 2026-01-10: -3 units",
        "                  made of 1 GuidedUsage: 3 units",
        "                    GuidedUsage (id) (Processed) 2026-01-10: 3 Token",
        "                      made of 1 Usage: 3 units",
        "                        Usage (id) (Processed) 2026-01-10: 3 Token",
    ]


def test_a_journal_line_goes_both_ways(earned_here: Earned) -> None:
    told = masked(done(earned_here("explain", "je-00000001:2", "--limit", "1")))

    assert told.splitlines()[:3] == [
        "JournalEntryItem JE-00000001:2 (Credit SalesRevenue) 2026-01-31: 70.00 USD",
        "  made of 1 RevenueEventItem: 70.00 USD",
        "    RevenueEventItem RE-00000002:Jan'2026 (Usage Collected): 70.00 USD",
    ]
    assert told.splitlines()[-2:] == [
        "  went into 1 JournalEntry: 70.00 USD",
        "    JournalEntry JE-00000001 (Revenue Event Item) 2026-01-31: 70.00 USD",
    ]


def test_what_is_left_out_says_how_to_see_it(earned_here: Earned, api: Api) -> None:
    with writing(api) as books:
        (day,) = books.consumption.list()

    told = done(earned_here("explain", day.id, "--down", "--limit", "1")).splitlines()
    assert told[1] == "  made of 2 PrepaidBalanceTransaction: -7 units"
    cursor = "down.PrepaidBalanceTransaction.1"
    assert told[-1] == f"    and 1 more: --cursor {cursor}"
    rest = masked(done(earned_here("explain", day.id, "--cursor", cursor)))
    assert "PrepaidBalanceTransaction (id) (DRAWDOWN) 2026-01-10: -3 units" in rest
    assert "more" not in rest


def test_json_is_what_the_api_answers(earned_here: Earned, api: Api) -> None:
    told = done(earned_here("explain", "RE-00000002", "--json"))

    assert '"amount": 70.00' in told
    assert json.loads(told) == api.found("/v1/explain/RE-00000002")


def test_what_is_not_there_is_told(earned_here: Earned) -> None:
    unknown = earned_here("explain", "RS-00000404")
    assert complaint(unknown, Exit.NOT_FOUND) == "Cannot find entity by key: 'RS-00000404'.\n"
    wrong = earned_here("explain", "RS-00000001", "--cursor", "on")
    assert complaint(wrong, Exit.REFUSED) == "'cursor' value is invalid\n"
