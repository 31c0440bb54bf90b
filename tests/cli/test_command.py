"""What every command has in common."""

import click
from click.testing import CliRunner

from earned.cli.command import Group
from earned.cli.exits import Exit


class Interrupted(Group):
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx, cmd_name
        raise KeyboardInterrupt


def test_who_is_stopped_before_the_command_is_there_says_so() -> None:
    ended = CliRunner().invoke(Interrupted("earned", modules={}), ["audit"])

    assert (ended.exit_code, ended.stderr) == (Exit.INTERRUPTED, "Stopped.\n")
