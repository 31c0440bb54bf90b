"""`earned currencies`: how an entity rounds amounts."""

from collections.abc import Mapping, Sequence

import click

from earned.bootstrap.application import Application
from earned.bootstrap.first_run import SETUP
from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say_exact_json, say_table
from earned.domain.currencies import CurrencyRules, wire_rules
from earned.domain.tenancy import Entity, Scope
from earned.services.change_currency import ChangeCurrency, change_currency, rules_of


@click.command(cls=Command)
@click.argument("code", required=False)
@click.option("--rounding", help="Half Up, Up or Down.")
@click.option("--increment", help="What amounts are multiples of, such as 0.05.")
@click.option("--active/--inactive", default=None, help="Whether it is used for what is new.")
@click.option("--entity", "entity_id", help="Whose currencies; needed where there are several.")
@as_json
def currencies(
    code: str | None,
    rounding: str | None,
    increment: str | None,
    active: bool | None,
    entity_id: str | None,
    as_json: bool,
) -> None:
    """List the currencies that something was decided about, show one, or change it.

    Rounding can be changed until the books have amounts in the currency.
    """
    sent = {"roundingMode": rounding, "roundingIncrement": increment, "active": active}
    changes = {name: value for name, value in sent.items() if value is not None}
    if changes and code is None:
        raise click.UsageError("Name the currency to change.")
    with opened() as application:
        entity = chosen_entity(application, entity_id)
        if code is not None and changes:
            _change(application, entity, ChangeCurrency(code=code, sent=changes))
        shown = [wire_rules(one) for one in _rules(application, entity, code)]
    if as_json:
        say_exact_json({"success": True, "entityId": entity.id, "currencies": shown})
    else:
        say_table(("currency", "decimals", "rounding", "increment", "active"), _rows(shown))


def _change(application: Application, entity: Entity, command: ChangeCurrency) -> None:
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id=SETUP)
    with application.database.writing() as transaction:
        change_currency(transaction.books(scope), command)


def _rules(application: Application, entity: Entity, code: str | None) -> Sequence[CurrencyRules]:
    with application.database.reading(scope_of(entity)) as books:
        if code is not None:
            return [rules_of(books, code)]
        return books.currencies.list(order_by=["code"])


def _rows(shown: Sequence[Mapping[str, object]]) -> Sequence[Sequence[str]]:
    return [
        [str(value).lower() if isinstance(value, bool) else str(value) for value in one.values()]
        for one in shown
    ]
