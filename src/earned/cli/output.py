"""What commands print: answers to standard output, complaints and progress to standard error."""

import json
from collections.abc import Collection, Mapping, Sequence

import click
import msgspec
from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table

_FILE_WIDTH = 1_000

_encode_exact = msgspec.json.Encoder(decimal_format="number").encode


def say(*lines: str) -> None:
    """Print lines for people."""
    for line in lines:
        click.echo(line)


def say_json(answer: Mapping[str, object]) -> None:
    """Print one JSON object for machines."""
    click.echo(json.dumps(answer, indent=2, default=str, ensure_ascii=False))


def say_exact_json(answer: Mapping[str, object]) -> None:
    """Print one JSON object in which decimals are numbers, digit by digit, as over HTTP."""
    click.echo(msgspec.json.format(_encode_exact(answer), indent=2).decode())


def complain(*lines: str) -> None:
    """Print what is wrong; empty lines are left out."""
    for line in lines:
        if line:
            click.echo(line, err=True)


def say_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[str] = ()
) -> None:
    """Print rows under headings, as wide as the terminal allows; in a file, a row is a line.

    What is too long goes on in the next line, but the first column is never broken: it has names.
    Columns of `numbers` end at the same place.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        side: JustifyMethod = "right" if column in numbers else "left"
        table.add_column(column, justify=side, no_wrap=place == 0, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    console.print(table)
