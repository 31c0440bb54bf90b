"""`earned permissions`: what each OAuth client may do."""

from collections.abc import Mapping, Sequence

import click

from earned.bootstrap.application import Application
from earned.bootstrap.first_run import change_permissions
from earned.cli.command import Command, as_json
from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.opening import opened
from earned.cli.output import say_json, say_table
from earned.domain.permissions import Permission, remaining
from earned.domain.tenancy import OAuthClient

_SWITCH = {"true": True, "false": False}


@click.command(cls=Command)
@click.argument("client_id", required=False)
@click.argument("changes", metavar="[NAME=true|false]...", nargs=-1)
@as_json
def permissions(client_id: str | None, changes: Sequence[str], as_json: bool) -> None:
    """List what OAuth clients may do, or give a client permissions and withhold them.

    A client may do everything unless it is withheld. Running servers see a change within a minute.
    """
    asked = dict(_read(change) for change in changes)
    with opened() as application:
        clients = _clients(application, client_id)
        if asked:
            clients = [_change(application, client, asked) for client in clients]
    answers = [_answer(client) for client in clients]
    if as_json:
        say_json({"success": True, "clients": answers})
    else:
        say_table(("client", "permission", "held"), [row for a in answers for row in _rows(a)])


def _read(change: str) -> tuple[Permission, bool]:
    """Read `manageCloseProcess=false`."""
    name, _, value = change.partition("=")
    if name not in set(Permission) or value not in _SWITCH:
        names = ", ".join(Permission)
        message = f"'{change}' should be NAME=true or NAME=false; permissions are {names}."
        raise click.BadParameter(message, param_hint="NAME=true|false")
    return Permission(name), _SWITCH[value]


def _clients(application: Application, client_id: str | None) -> Sequence[OAuthClient]:
    clients = application.clients.list(OAuthClient)
    if client_id is None:
        return clients
    found = [client for client in clients if client.id == client_id]
    if not found:
        raise CommandFailed(Exit.NOT_FOUND, f"There is no client '{client_id}'.")
    return found


def _change(
    application: Application, client: OAuthClient, asked: Mapping[Permission, bool]
) -> OAuthClient:
    held = {permission: permission in _held(client) for permission in Permission}
    held.update(asked)
    withheld = tuple(sorted(name for name, is_held in held.items() if not is_held))
    return change_permissions(application, client, withheld)


def _held(client: OAuthClient) -> frozenset[Permission]:
    return remaining(client.withheld_permissions)


def _answer(client: OAuthClient) -> Mapping[str, object]:
    held = _held(client)
    permissions = {permission.value: permission in held for permission in Permission}
    return {"clientId": client.id, "name": client.name, "permissions": permissions}


def _rows(answer: Mapping[str, object]) -> Sequence[Sequence[str]]:
    permissions = answer["permissions"]
    assert isinstance(permissions, dict)
    client_id = str(answer["clientId"])
    return [(client_id, name, str(held).lower()) for name, held in permissions.items()]
