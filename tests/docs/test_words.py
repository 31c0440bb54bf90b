"""The documents hold together: links lead somewhere, and what they list is what there is."""

import ast
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from earned.cli.main import COMMANDS
from earned.domain import action_items, period_rules, usage_fields
from earned.services import (
    change_period,
    create_accounting_code,
    record_usage,
    resolve_usage,
)
from tests import builders
from tests.api import serving
from tests.periods import define_months

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("src/**/*.md"))
    if ".venv" not in page.parts
)

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_COMMAND = re.compile(r"\bearned ([a-z]+)\b")
_TARGET = re.compile(r"\bmake ([a-z]+)\b")
_SECTIONS = ["Context", "Decision", "Consequences", "Alternatives"]


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made of their words."""
    titles = _HEADING.findall(_FENCE.sub("", text_of(page)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(page: Path) -> Iterator[str]:
    for link in _LINK.findall(_FENCE.sub("", text_of(page))):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One two\n[a](page.md#one-two) [b](page.md#three) [c](gone.md) [d](#one-two)\n"
    )

    assert list(broken_links(page)) == ["page.md#three", "gone.md"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_that_are_named_exist(page: Path) -> None:
    quoted = "\n".join(
        re.findall(r"`[^`\n]+`|^```.*?^```$", text_of(page), re.MULTILINE | re.DOTALL)
    )
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))

    assert set(_COMMAND.findall(quoted)) <= set(COMMANDS)
    assert set(_TARGET.findall(quoted)) <= targets


def test_every_page_is_reached_from_the_index() -> None:
    indexes = [ROOT / "docs" / "README.md", ROOT / "docs" / "adr" / "README.md"]
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in indexes
        for link in _LINK.findall(text_of(page))
    }
    named = "".join(map(text_of, indexes))

    pages = set((ROOT / "docs").rglob("*.md")) - {indexes[0]}
    assert {name_of(page) for page in pages - linked if name_of(page) not in named} == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs/adr").glob("0*.md")), ids=lambda p: p.stem)
def test_a_decision_has_its_four_sections(page: Path) -> None:
    title, *sections = _HEADING.findall(text_of(page))

    assert title.startswith(f"{page.name[:4]} ")
    assert sections == _SECTIONS


def literals(module: ModuleType) -> set[str]:
    """Return the texts in a module that are sentences for a client, up to their first gap."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    found = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    documented = {text.partition("{")[0].strip() for text in found if is_message(text)}
    return documented - docstrings(source)


def is_message(text: str) -> bool:
    starts = ("The ", "Invalid ", "Usage cannot", "DESCRIPTION length")
    return text.startswith(starts) and "\n" not in text


def docstrings(source: str) -> set[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return {ast.get_docstring(node) or "" for node in nodes}


@pytest.mark.parametrize(
    "module", [usage_fields, resolve_usage, record_usage], ids=lambda module: module.__name__
)
def test_every_message_about_usage_is_documented(module: ModuleType) -> None:
    page = text_of(ROOT / "docs/reference/usage.md")
    messages = literals(module)

    assert messages
    assert {message for message in messages if message not in page} == set()


@pytest.mark.parametrize(
    ("page", "module"),
    [
        ("accounting-periods", period_rules),
        ("accounting-periods", action_items),
        ("accounting-periods", change_period),
        ("accounting-codes", create_accounting_code),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_every_refusal_of_the_close_and_the_chart_is_documented(
    page: str, module: ModuleType
) -> None:
    text = text_of(ROOT / f"docs/concepts/{page}.md").replace("\n", " ")
    messages = literals(module)

    assert messages
    assert {message for message in messages if message not in text} == set()


def test_the_table_of_late_revenue_is_what_happens(migrated_sqlite_url: str) -> None:
    page = text_of(ROOT / "docs/concepts/accounting-periods.md")
    rows = re.findall(r"^\| ([^|]+) \|((?: -?\d+\.\d\d \|){4})$", page, re.MULTILINE)
    expected = [[Decimal(cell) for cell in cells.split("|")[:4]] for _, cells in rows]
    found = list(late_revenue(migrated_sqlite_url))

    assert found == expected


def late_revenue(database_url: str) -> Iterator[list[Decimal]]:
    """Do what the table says; yield what the fund's schedule holds after each step."""
    with serving(database_url) as api:
        with builders.writing(api) as books:
            periods = define_months(books, 2026, 1, 2, 3)
            sold = builders.sell(books, builders.account(books), builders.prepaid_plan(books))
            schedule = books.schedules.find(fund_id=sold.funds[0].id)
            assert schedule

        def held() -> list[Decimal]:
            items = api.found(f"/v1/revenue-schedules/{schedule.number}")["revenueItems"]
            amounts = {item["accountingPeriodName"]: Decimal(str(item["amount"])) for item in items}
            names = [*(period.name for period in periods), "Open-Ended"]
            return [amounts.get(name, Decimal(0)) for name in names]

        def use(quantity: int, day: int) -> None:
            record = {"AccountNumber": "A00000001", "UOM": "Token", "Quantity": quantity}
            api.made("/v1/object/usage", {**record, "StartDateTime": f"2026-01-{day}"})

        def close(month: int) -> None:
            closed = api.put(f"/v1/accounting-periods/{periods[month - 1].id}/close")
            assert closed.json() == {"success": True}

        steps: list[Callable[[], None]] = [
            lambda: None,
            lambda: use(61_234, 10),
            lambda: close(1),
            lambda: use(10_000, 20),
            lambda: close(2),
            lambda: use(-5_000, 20),
            lambda: close(3),
        ]
        for step in steps:
            step()
            yield held()
