"""What an entity may decide, by its wire names, and which values each setting takes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from zoneinfo import available_timezones

from earned.domain.errors import EarnedError, Invalid, Problem
from earned.domain.tenancy import Settings

_SWITCH = {"true": True, "false": False}
# A numbered or a dated minor version (R 8.3).
_VERSION = re.compile(r"\d{3}\.\d|\d{4}-\d{2}-\d{2}")

Parse = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its field of `Settings`, its wire name and what it may be set to.

    `parse` returns the value, or None for a text that is no value of the setting.
    """

    field: str
    name: str
    allowed: str
    parse: Parse


def _choice(*values: str) -> tuple[str, Parse]:
    return " or ".join(values), dict(zip(values, values, strict=True)).get


def _time_zone(text: str) -> str | None:
    return text if text in available_timezones() else None


def _version(text: str) -> str | None:
    return text if _VERSION.fullmatch(text) else None


_PARSERS: Mapping[str, tuple[str, Parse]] = {
    "time_zone": ("an IANA time zone such as Europe/Berlin", _time_zone),
    "unique_key": _choice("upsert", "strict"),
    "default_zuora_version": ("a Zuora minor version such as 186.0 or 2025-08-12", _version),
}


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _setting(field: str) -> Setting:
    """Describe a setting; one without a parser of its own is a switch."""
    allowed, parse = _PARSERS.get(field, ("true or false", _SWITCH.get))
    return Setting(field, _camel(field), allowed, parse)


SETTINGS: Mapping[str, Setting] = {
    setting.name: setting for setting in (_setting(field.name) for field in fields(Settings))
}


_ALL = f"Settings are {', '.join(SETTINGS)}."


def parse_setting(name: str, text: str) -> tuple[str, object]:
    """Return the field and the value of one setting. Raises `Invalid` saying what is allowed."""
    setting = SETTINGS.get(name)
    if setting is None:
        raise Invalid(f"There is no setting '{name}'.{_hint(name, SETTINGS)} {_ALL}", field=name)
    value = setting.parse(text.strip())
    if value is None:
        hint = _hint(text, available_timezones()) if setting.field == "time_zone" else ""
        message = f"'{name}' should be {setting.allowed}, not '{text}'.{hint}"
        raise Invalid(message, field=name)
    return setting.field, value


def parse_settings(texts: Mapping[str, str]) -> dict[str, object]:
    """Return several settings by their fields. Raises a refusal that names every fault."""
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for name, text in texts.items():
        try:
            field, value = parse_setting(name, text)
        except Invalid as refusal:
            problems += refusal.problems
        else:
            values[field] = value
    if problems:
        raise EarnedError(problems)
    return values


def wire_settings(settings: Settings) -> dict[str, object]:
    """Return what an entity has decided, by wire name."""
    return {setting.name: getattr(settings, setting.field) for setting in SETTINGS.values()}


def _hint(text: str, known: Mapping[str, object] | set[str]) -> str:
    close = get_close_matches(text, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""
