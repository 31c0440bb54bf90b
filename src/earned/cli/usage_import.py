"""`earned usage import`: usage records from a file, whatever its columns are called."""

from collections.abc import Sequence
from pathlib import Path

import click

from earned.cli.command import Command, as_json
from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.importing import Asked, import_usage
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say_json
from earned.cli.usage_report import Report

_DELIMITERS = {"tab": "\t", "\\t": "\t"}

_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_PATH = click.Path(dir_okay=False, writable=True, path_type=Path)


def _pairs(ctx: click.Context, param: click.Parameter, words: Sequence[str]) -> dict[str, str]:
    """Read NAME=VALUE words."""
    del ctx, param
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise click.BadParameter(f"'{word}' should be NAME=VALUE.")
        if name in pairs:
            raise click.BadParameter(f"{name} is given twice.")
        pairs[name] = value
    return pairs


def _delimiter(ctx: click.Context, param: click.Parameter, text: str) -> str:
    del ctx, param
    found = _DELIMITERS.get(text, text)
    if len(found) != 1 or found in '"\r\n':
        raise click.BadParameter("It should be one character, or 'tab'.")
    return found


@click.command("import", cls=Command)
@click.argument("file", type=_PATH)
@click.option(
    "--column",
    "columns",
    metavar="COLUMN=NAME",
    multiple=True,
    callback=_pairs,
    help="The file's name of a column, for example QTY=GeneratedTokens.",
)
@click.option(
    "--set",
    "constants",
    metavar="COLUMN=VALUE",
    multiple=True,
    callback=_pairs,
    help="A value for all rows, for example UOM=Token.",
)
@click.option(
    "--delimiter", default=",", callback=_delimiter, help="What is between values; or 'tab'."
)
@click.option("--rejects", type=_NEW_PATH, help="Write the refused rows to this CSV file.")
@click.option("--dry-run", is_flag=True, help="Check every row and store nothing.")
@click.option(
    "--no-unique-key",
    is_flag=True,
    help="Give rows no unique key: importing a file again then counts it again.",
)
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def usage_import(
    entity_id: str | None, as_json: bool, no_unique_key: bool, **words: object
) -> None:
    """Record the usage in FILE: CSV with a header, or Parquet.

    Columns are ACCOUNT_ID (the account's number), UOM, QTY and STARTDATE, and if you like ENDDATE,
    SUBSCRIPTION_ID and CHARGE_ID (their numbers), DESCRIPTION, UNIQUE_KEY and custom fields ending
    in __c. Where the file has other names, --column says which is which.

    Rows are recorded in the order of the file and drawn down at once, in groups that are kept or
    lost whole: of 1,000 rows, of 200,000 where the file is large. Wrong rows are refused, the
    others stored; exit code 9 says that some were. Importing the same file in the same way again
    changes nothing.
    """
    asked = Asked(keyed=not no_unique_key, quiet=as_json, **words)  # type: ignore[arg-type]
    if asked.rejects is not None and asked.rejects.resolve() == asked.file.resolve():
        raise CommandFailed(Exit.REFUSED, "--rejects should be another file than the one imported.")
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        report, layout = import_usage(application, scope, asked)
    if as_json:
        say_json(report.wire())
    else:
        report.tell(layout, keyed=asked.keyed)
    click.get_current_context().exit(_exit(report))


def _exit(report: Report) -> Exit:
    if report.interrupted:
        return Exit.INTERRUPTED
    return Exit.PARTLY if report.refused else Exit.DONE
