"""`earned balances`: what an account has prepaid, and what is left of it, at a glance."""

import click

from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say, say_exact_json, say_table
from earned.domain.glance_text import (
    COLUMNS,
    NUMBERS,
    OVERAGE_COLUMNS,
    fund_rows,
    overage_rows,
    wire_glance,
)
from earned.services.glance_balances import glance_balances


@click.command(cls=Command)
@click.argument("account")
@click.option("--entity", "entity_id", help="Whose books; needed where there are several.")
@as_json
def balances(account: str, entity_id: str | None, as_json: bool) -> None:
    """Show the prepaid balances of an account, by its number or id, with every fund.

    Of each fund what it held, what usage drew of it, what is left, and what expired, rolled over or
    was credited; and what the account used beyond its funds.
    """
    with opened() as application:
        scope = scope_of(chosen_entity(application, entity_id))
        with application.database.reading(scope) as books:
            found = glance_balances(books, account)
    if as_json:
        say_exact_json(wire_glance(found))
        return
    funds, overage = list(fund_rows(found)), list(overage_rows(found))
    if funds:
        say_table(COLUMNS, funds, NUMBERS)
    else:
        say(f"The account {found.account_number} has no prepaid balances.")
    if overage:
        say_table(OVERAGE_COLUMNS, overage, NUMBERS)
