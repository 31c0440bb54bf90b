"""The reports that docs/concepts/reports.md shows are those of the books that it tells of."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from earned.services.report import REPORTS
from tests import builders, reports
from tests.api import Api, serving
from tests.builders import writing
from tests.cli.conftest import Earned, done, runner
from tests.periods import define_months
from tests.reports import close, schedule, use

PAGE = (Path(__file__).parents[2] / "docs/concepts/reports.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```\n\$ earned (report .*?)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def earned(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Earned]:
    """Do what the page says."""
    path = tmp_path_factory.mktemp("reports") / "books.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    with serving(url) as api:
        with writing(api) as books:
            define_months(books, 2026, 1, 2, 3)
            reports.add_codes(
                books,
                Prepayments="DeferredRevenue",
                Projects="DeferredRevenue",
                Usage="SalesRevenue",
                Services="OtherRevenue",
            )
            used = {
                "deferred_revenue_account": "Prepayments",
                "recognized_revenue_account": "Usage",
            }
            plan = builders.rate_plan(books)
            builders.prepayment_charge(books, plan, units=10_000, price=1200, **used)
            builders.drawdown_charge(books, plan)
            builders.sell(books, builders.account(books), plan, months=1)
            made = {
                "deferred_revenue_account": "Projects",
                "recognized_revenue_account": "Services",
            }
            project = builders.rate_plan(books, "Project")
            builders.unlimited_charge(books, project, **made)
            sold = builders.sell(books, builders.account(books, name="Borealis"), project)
        parts = {"Jan'2026": "100", "Feb'2026": "150", "Open-Ended": "50"}
        schedule(api, sold.charge("Project").id, "300", "2026-01-05", parts)
        use(api, 3333, "2026-01-10")
        close(api, "Jan'2026")
        use(api, 1000, "2026-01-20")
        bill(api, sold.charge("Project").account_id)
        close(api, "Feb'2026")
        yield runner(url)


def bill(api: Api, account_id: str) -> None:
    """Bill the project in February, and credit some of it."""
    item = {"amount": 300, "chargeName": "Project", "serviceStartDate": "2026-02-01"}
    invoice = {"accountId": account_id, "invoiceDate": "2026-02-01", "status": "Posted"}
    made = api.made("/v1/invoices", {**invoice, "invoiceItems": [item]})
    (billed,) = api.found(f"/v1/invoices/{made['id']}/items")["invoiceItems"]
    credit = {"effectiveDate": "2026-02-10", "autoPost": True}
    items = [{"invoiceItemId": billed["id"], "amount": 30}]
    api.made(f"/v1/credit-memos/invoice/{made['id']}", {**credit, "items": items})


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_report_is_as_it_is_shown(earned: Earned, command: str, shown: str) -> None:
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]

    assert masked(done(earned(*words))) == masked(shown)


def masked(text: str) -> str:
    """Leave out ids, which are others each time."""
    return re.sub(r"[0-9a-f]{32}", "(id)", text)


def test_every_report_is_shown() -> None:
    assert {command.split()[1] for command, _ in SHOWN} == set(REPORTS)
