"""The explanations that docs/concepts/explain.md shows are those of the books that it tells of."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import builders, reports
from tests.api import serving
from tests.builders import writing
from tests.cli.conftest import Earned, done, runner
from tests.explaining import journalled, masked
from tests.periods import define_months
from tests.reports import use

PAGE = (Path(__file__).parents[2] / "docs/concepts/explain.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```\n\$ earned (explain .*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[str]:
    """Do what the page says; return the URL of the books with the id of the last record."""
    path = tmp_path_factory.mktemp("explain") / "books.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    with serving(url) as api:
        with writing(api) as opened:
            define_months(opened, 2026, 1)
            reports.add_codes(opened, Prepayments="DeferredRevenue", Usage="SalesRevenue")
            codes = {
                "deferred_revenue_account": "Prepayments",
                "recognized_revenue_account": "Usage",
            }
            plan = builders.rate_plan(opened)
            builders.prepayment_charge(opened, plan, units=10, price=100, **codes)
            builders.drawdown_charge(opened, plan, price=12, recognized_revenue_account="Usage")
            builders.sell(opened, builders.account(opened), plan, months=1)
        use(api, 4, "2026-01-10")
        use(api, 5, "2026-01-11")
        record = use(api, 3, "2026-01-11")
        journalled(api, "Jan'2026")
        yield f"{url} {record}"


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_an_explanation_is_as_it_is_shown(books: str, command: str, shown: str) -> None:
    assert masked(told(books, command)) == masked(shown)


def told(books: str, command: str) -> str:
    url, record = books.split()
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
    earned: Earned = runner(url)
    return done(earned(*(record if word == "USAGE" else word for word in words)))


def test_something_is_shown() -> None:
    assert len(SHOWN) == 2
