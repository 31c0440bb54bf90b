"""`earned settings`: what an entity has decided for its books."""

from collections.abc import Sequence

import click

from earned.bootstrap.application import Application
from earned.bootstrap.first_run import change_settings
from earned.cli.command import Command, as_json
from earned.cli.opening import chosen_entity, opened, scope_of
from earned.cli.output import say_json, say_table
from earned.domain.settings import SETTINGS, parse_settings, wire_settings
from earned.domain.tenancy import Entity, Settings


@click.command(cls=Command)
@click.argument("changes", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--entity", "entity_id", help="Whose settings; needed where there are several.")
@as_json
def settings(changes: Sequence[str], entity_id: str | None, as_json: bool) -> None:
    """List the settings of the books, or change some of them.

    All changes are made together or, if one is wrong, none. A running server sees them at once, a
    new defaultZuoraVersion within five seconds.
    """
    texts = dict(_pair(change) for change in changes)
    values = parse_settings(texts)
    with opened() as application:
        entity = chosen_entity(application, entity_id)
        if values:
            change_settings(application, entity, values)
        decided = _decided(application, entity)
    if as_json:
        say_json({"success": True, "entityId": entity.id, "settings": decided})
    else:
        _say(decided)


def _pair(change: str) -> tuple[str, str]:
    name, equals, value = change.partition("=")
    if not equals:
        raise click.BadParameter(f"'{change}' should be NAME=VALUE.", param_hint="NAME=VALUE")
    return name, value


def _decided(application: Application, entity: Entity) -> dict[str, object]:
    with application.database.reading(scope_of(entity)) as books:
        return wire_settings(books.settings)


def _say(decided: dict[str, object]) -> None:
    defaults = wire_settings(Settings())
    rows = [
        (name, _text(value), _text(defaults[name]), SETTINGS[name].allowed)
        for name, value in decided.items()
    ]
    say_table(("setting", "value", "default", "may be"), rows)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
