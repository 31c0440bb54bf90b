"""What every command has in common: errors told in words, and `--json`."""

import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NoReturn

import click

from earned.cli.exits import Exit
from earned.cli.failures import failure_of
from earned.cli.output import complain, say_json

DEBUG = "debug"


class Command(click.Command):
    """A command that ends with a sentence and an exit code when something goes wrong."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - As click has it.
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise  # click knows what to do about them.
        except KeyboardInterrupt:
            _stop(ctx)
        except Exception as error:  # noqa: BLE001 - Whatever it is, nobody wants a traceback.
            if ctx.find_root().params.get(DEBUG):
                traceback.print_exception(error, file=sys.stderr)
            failure = failure_of(error)
            if ctx.params.get("as_json") or ctx.params.get("form") == "json":
                reasons = [{"message": message} for message in failure.messages]
                answer = {"success": False, "exit": failure.exit, "reasons": reasons}
                say_json({**answer, "nextStep": failure.next_step})
            complain(*failure.messages, failure.next_step)
            ctx.exit(failure.exit)


class Group(click.Group):
    """A group that imports a command only when it is asked for.

    `modules` names the module of each command, in which the command has the module's own name.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], **kwargs: Any) -> None:  # noqa: ANN401 - The rest is click's.
        """Hold the commands of `modules`."""
        super().__init__(*args, **kwargs)
        self.modules = modules

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - As click has it.
        """Run a command; Ctrl-C may come while it is imported yet."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _stop(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order of the table."""
        del ctx
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        module = self.modules.get(cmd_name)
        if module is None:
            return None
        found: click.Command = getattr(import_module(module), module.rpartition(".")[2])
        return found


def _stop(ctx: click.Context) -> NoReturn:
    complain("Stopped.")
    ctx.exit(Exit.INTERRUPTED)


as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, for machines."
)
