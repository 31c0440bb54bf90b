"""What a person wants to see of the books."""

from datetime import date
from decimal import Decimal

from rich import box
from rich.console import Console
from rich.table import Table

from earned.cli.story.figures import (
    Figures,
    Tie,
    fund_lines,
    period_amounts,
    sample,
    sums_of,
    ties_of,
)
from earned.cli.story.journal import journal_lines
from earned.domain.exact import plain

_NONE = "-"
_WIDTH = 110


def tell_books(figures: Figures, today: date) -> None:
    """Print funds, some daily consumption, revenue by period, the journal; does it tie out?"""
    console = Console(markup=False, highlight=False, emoji=False)
    console.width = max(console.width, _WIDTH)
    for table in (_funds(figures, today), _days(figures), _revenue(figures), _journal(figures)):
        console.print(table)
    console.print("Does it tie out?")
    for tie in ties_of(figures):
        console.print(f"  {_verdict(tie):>8}  {tie.claim}")


def _funds(figures: Figures, today: date) -> Table:
    table = _table("Prepaid funds that have begun", "Account", "", "Unit", "From")
    _numbers(table, "Funded", "Drawn", "Left", "Price", "Earned", "Overage", "Rated")
    for line in fund_lines(figures, today):
        table.add_row(
            line.account,
            line.currency,
            line.unit,
            line.start,
            _number(line.funded),
            _number(line.drawn),
            _number(line.left),
            f"{line.price:,}",
            f"{line.earned:,}",
            _number(line.overage) if line.overage else _NONE,
            f"{line.rated:,}" if line.overage else _NONE,
        )
    return table


def _days(figures: Figures) -> Table:
    title = "Daily consumption, where a fund runs out"
    table = _table(title, "Day", "Account", "Charge", "Paid by")
    _numbers(table, "Quantity", "Amount")
    names = {account["id"]: account["accountNumber"] for account in figures.accounts}
    for day in sample(figures):
        table.add_row(
            day["transactionDate"],
            names[day["accountId"]],
            day["usageChargeName"],
            "fund" if "fundId" in day else "overage",
            _number(day["dailyTotalQuantity"]),
            f"{day['dailyConsumptionAmount']:,} {day['currency']}",
        )
    return table


def _revenue(figures: Figures) -> Table:
    """Show the schedules of all accounts by period; below, what that comes to."""
    table = _table("Revenue by accounting period", "Period", "Status")
    accounts = [account["accountNumber"] for account in figures.accounts]
    _numbers(table, *(f"{a['accountNumber']} {a['currency']}" for a in figures.accounts))
    rows: dict[tuple[str, str], dict[str, Decimal]] = {}
    for held in period_amounts(figures):
        rows.setdefault((held.period, held.status), {})[held.account] = held.amount
    for labels, amounts in rows.items():
        cells = (f"{amounts[name]:,}" if name in amounts else _NONE for name in accounts)
        table.add_row(*labels, *cells)
    table.add_section()
    sums = sums_of(figures)
    table.add_row("Recognised", "closed periods", *(f"{one.recognised:,}" for one in sums))
    table.add_row("Earned", "open periods", *(f"{one.earned_not_closed:,}" for one in sums))
    table.add_row("Deferred", "Open-Ended", *(f"{one.deferred:,}" for one in sums))
    table.add_row("Sold", "", *(f"{one.sold:,}" for one in sums))
    return table


def _journal(figures: Figures) -> Table:
    table = _table("Journal of the closed periods", "Period", "Entry", "Debit", "Credit")
    _numbers(table, "Amount")
    for line in journal_lines(figures.entries):
        amount = f"{line.amount:,} {line.currency}"
        table.add_row(line.period, line.entry, line.debit, line.credit, amount)
    return table


def _verdict(tie: Tie) -> str:
    right = tie.count - len(tie.broken)
    return f"{right} of {tie.count}" + (f" NOT {', '.join(tie.broken)}" if tie.broken else "")


def _number(quantity: Decimal | int) -> str:
    """Write a quantity as people read it: `1,000,000`, `291.595`."""
    return f"{Decimal(plain(Decimal(quantity))):,}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in columns:
        table.add_column(name, no_wrap=True)
    return table


def _numbers(table: Table, *columns: str) -> None:
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
