"""The reference says what there is: every command, option, exit code, setting and variable."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import earned
from earned.bootstrap.settings import ServerSettings
from earned.cli.exits import EXITS, Exit
from earned.cli.main import main
from earned.domain.errors import Kind
from earned.domain.permissions import Permission
from earned.domain.settings import SETTINGS, wire_settings
from earned.domain.tenancy import Settings
from earned.domain.usage_columns import FIELDS
from tests.damages import damages_of

REFERENCE = Path(earned.__file__).parents[2] / "docs" / "reference"
CLI = (REFERENCE / "cli.md").read_text(encoding="utf-8")
SETTINGS_PAGE = (REFERENCE / "settings.md").read_text(encoding="utf-8")


def commands(
    group: click.Group = main, path: tuple[str, ...] = ("earned",)
) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with the words that run it."""
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        words = (*path, name)
        if isinstance(found, click.Group):
            yield from commands(found, words)
        else:
            yield " ".join(words), found


COMMANDS = dict(commands())


def section(title: str) -> str:
    """Return what the reference says under a heading."""
    _, found, rest = CLI.partition(f"\n## `{title}`")
    assert found, f"docs/reference/cli.md has no section on {title}"
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_has_help_and_a_section_with_its_options(words: str) -> None:
    command = COMMANDS[words]

    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert f"`{parameter.opts[0]}" in section(words), parameter.opts
    shown = CliRunner().invoke(main, [*words.split()[1:], "--help"])
    assert shown.exit_code == Exit.DONE
    assert shown.output.startswith(f"Usage: main {' '.join(words.split()[1:])}")


def test_the_reference_has_no_section_on_a_command_that_is_not_there() -> None:
    titles = [part.partition("`")[0] for part in CLI.split("\n## `")[1:]]

    assert sorted(titles) == sorted(COMMANDS)


@pytest.mark.parametrize("code", Exit, ids=lambda code: code.name)
def test_every_exit_code_is_documented(code: Exit) -> None:
    assert f"| {code.value} | {code.meaning} |" in CLI


def test_every_kind_of_error_has_an_exit_code() -> None:
    assert set(EXITS) == set(Kind)
    assert Exit.DONE not in EXITS.values()


def test_every_check_of_the_audit_is_documented() -> None:
    scripts = [path.name for path in Path(__file__).parent.glob("*damages.sql")]
    checks = {check for script in scripts for check, _ in damages_of(script)}
    missing = [check for check in checks if f"| {check} |" not in section("earned audit")]

    assert missing == []


def test_every_column_of_a_usage_file_is_documented() -> None:
    missing = [name for name in FIELDS if f"| `{name}` |" not in section("earned usage import")]

    assert missing == []


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    default = wire_settings(Settings())[name]
    text = str(default).lower() if isinstance(default, bool) else str(default)

    assert f"| `{name}` | `{text}` |" in SETTINGS_PAGE


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_documented(permission: Permission) -> None:
    assert f"| `{permission.value}` |" in section("earned permissions")


def test_every_variable_is_documented() -> None:
    read = Recorded()
    ServerSettings.from_environment(read)

    variables = {name for name in read.names if name.startswith("EARNED_")}
    assert {name for name in variables if f"| `{name}` |" not in SETTINGS_PAGE} == set()


class Recorded(dict[str, str]):
    """An environment without any variables, which remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(name)
        return super().get(name, default)


def test_version_is_told() -> None:
    told = CliRunner().invoke(main, ["--version"])

    assert told.output == f"earned, version {earned.__version__}\n"


def test_an_unknown_command_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["serv"]).exit_code == Exit.USAGE
