"""`earned report` prints what the API answers: as a table, as a file, as JSON."""

import json

import pytest

from earned.cli.exits import Exit
from tests import builders
from tests.api import Api
from tests.builders import writing
from tests.cli.conftest import Earned, complaint, done
from tests.periods import define_months
from tests.reports import close, file, schedule, use

JAN = "Jan'2026"
MONTHS = {JAN: "100", "Feb'2026": "200"}


@pytest.fixture(autouse=True)
def _books(api: Api) -> None:
    """Sell tokens and a project of 300.00, use tokens for 399.96, and close January."""
    with writing(api) as books:
        define_months(books, 2026, 1, 2)
        customer = builders.account(books)
        plan = builders.prepaid_plan(books, units=10_000, price=1200)
        project = builders.rate_plan(books, "Projects")
        builders.unlimited_charge(books, project)
        charge = builders.sell(books, customer, plan, project, months=1).charge("Project")
    schedule(api, charge.id, "300", "2026-01-05", MONTHS)
    use(api, 3333, "2026-01-10")
    close(api, JAN)


def test_a_table_is_as_wide_as_its_figures(earned_here: Earned) -> None:
    assert done(earned_here("report", "obligations")).splitlines() == [
        "currency  year        remaining  recognized   amount",
        "--------  ----------  ---------  ----------  -------",
        "USD       2026           200.00      499.96   699.96",
        "USD       Open-Ended     800.04        0.00   800.04",
        "--------  ----------  ---------  ----------  -------",
        "USD       total         1000.04      499.96  1500.00",
    ]


def test_headings_are_broken_rather_than_wide(earned_here: Earned) -> None:
    told = done(earned_here("report", "waterfall")).splitlines()

    assert told[1].endswith("    Jan'2026  Feb'2026  Open-Ended")
    assert told[2].endswith("(recognized)    (open)      (open)")


@pytest.mark.parametrize("name", ["roll-forward", "waterfall", "obligations", "recognized-revenue"])
def test_a_file_is_the_one_that_the_api_answers(earned_here: Earned, api: Api, name: str) -> None:
    told = earned_here("report", name, "--format", "csv")

    assert done(told).encode() == file(api, name).replace("\r\n", "\n").encode()
    assert told.stdout_bytes == file(api, name).encode()


def test_json_has_every_row_and_exact_amounts(earned_here: Earned, api: Api) -> None:
    told = done(earned_here("report", "recognized-revenue", "--format", "json"))

    assert '"amount": 499.96' in told
    assert json.loads(told) == api.found("/v1/reports/recognized-revenue")


def test_a_range_an_account_and_a_year_can_be_chosen(earned_here: Earned) -> None:
    def rows(*words: str) -> list[list[str]]:
        told = done(earned_here("report", *words, "--format", "csv")).splitlines()
        return [line.split(",") for line in told if line.startswith("row,")]

    assert [row[4] for row in rows("roll-forward", "--period", JAN)] == [JAN]
    assert [row[4] for row in rows("roll-forward", "--from", "Feb'2026")] == ["Feb'2026"]
    assert [row[4] for row in rows("roll-forward", "--to", JAN)] == [JAN]
    assert rows("obligations", "--year-by", "calendar")[0][2] == "2026"
    assert len(rows("waterfall", "--account", "A00000001")) == 2


def test_what_was_said_stands_beside_what_is_known(earned_here: Earned, api: Api) -> None:
    use(api, 1000, "2026-01-20")
    close(api, "Feb'2026")

    told = done(earned_here("report", "obligations", "--compare", JAN))

    assert told.splitlines()[-1].split()[:5] == ["USD", "total", "680.04", "1000.04", "-320.00"]
    again = done(earned_here("report", "obligations", "--as-of", JAN))
    assert again.splitlines()[-1].split() == ["USD", "total", "1000.04", "499.96", "1500.00"]


def test_what_cannot_be_read_is_told_in_words(earned_here: Earned) -> None:
    unread = earned_here("report", "waterfall", "--as-of", "soon")
    assert complaint(unread, Exit.REFUSED).startswith("'asOf' value should be an instant, a day")
    unknown = earned_here("report", "waterfall", "--account", "A404")
    assert complaint(unknown, Exit.NOT_FOUND) == "Cannot find entity by key: 'A404'.\n"
    assert earned_here("report", "guesses").exit_code == Exit.USAGE


def test_a_refusal_is_json_where_json_is_asked_for(earned_here: Earned) -> None:
    told = earned_here("report", "waterfall", "--as-of", "soon", "--format", "json")

    assert told.exit_code == Exit.REFUSED
    assert json.loads(told.stdout)["success"] is False
