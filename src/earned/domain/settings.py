"""What an entity may decide, by its wire names, and which values each setting takes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from zoneinfo import available_timezones

from earned.domain.errors import EarnedError, Invalid, Problem
from earned.domain.tenancy import Settings
from earned.domain.written_dates import DateFormat

_NUMBERED = """
    186.0 187.0 188.0 189.0 196.0 206.0 207.0 211.0 214.0 215.0 216.0 223.0 224.0 230.0 239.0
    256.0 257.0 309.0 314.0 315.0 329.0 330.0 336.0 337.0 338.0 341.0
"""
API_VERSIONS = (*_NUMBERED.split(), "2024-05-20", "2025-08-12")
"""The minor versions of the API, oldest first (R 8.3)."""

_GRACE_DAYS_MAX = 366
_SWITCH = {"true": True, "false": False}

Values = Callable[[], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its field of `Settings`, its wire name and what it may be set to.

    `values` are all its values by their texts; `allowed` says the same for people.
    """

    field: str
    name: str
    allowed: str
    values: Values


def _time_zones() -> Mapping[str, object]:
    return {name: name for name in available_timezones()}


_ALLOWED: Mapping[str, tuple[str, Values]] = {
    "time_zone": ("an IANA time zone such as Europe/Berlin", _time_zones),
    "keep_usage_files": (
        "none, small or all",
        lambda: {kept: kept for kept in ("none", "small", "all")},
    ),
    "unique_key": ("upsert or strict", lambda: {"upsert": "upsert", "strict": "strict"}),
    "expiry_grace_days": (
        f"a number of days, 0 to {_GRACE_DAYS_MAX}",
        lambda: {str(days): days for days in range(_GRACE_DAYS_MAX + 1)},
    ),
    "date_format": (" or ".join(DateFormat), lambda: {str(one): str(one) for one in DateFormat}),
    "default_zuora_version": (
        "a minor version of the API, 186.0 to 341.0, 2024-05-20 or 2025-08-12",
        lambda: {name: name for name in API_VERSIONS},
    ),
}


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _setting(field: str) -> Setting:
    """Describe a setting; one without values of its own is a switch."""
    allowed, values = _ALLOWED.get(field, ("true or false", lambda: _SWITCH))
    return Setting(field, _camel(field), allowed, values)


SETTINGS: Mapping[str, Setting] = {
    setting.name: setting for setting in (_setting(field.name) for field in fields(Settings))
}
_ALL = f"Settings are {', '.join(SETTINGS)}."


def parse_setting(name: str, text: str) -> tuple[str, object]:
    """Return the field and the value of one setting. Raises `Invalid` saying what is allowed."""
    setting = SETTINGS.get(name)
    if setting is None:
        raise Invalid(f"There is no setting '{name}'.{_hint(name, SETTINGS)} {_ALL}", field=name)
    values = setting.values()
    if text.strip() not in values:
        message = f"'{name}' should be {setting.allowed}, not '{text}'.{_hint(text, values)}"
        raise Invalid(message, field=name)
    return setting.field, values[text.strip()]


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


def _hint(text: str, known: Iterable[str]) -> str:
    close = get_close_matches(text, list(known), n=1)
    return f" Did you mean {close[0]}?" if close else ""
