"""Settings by their wire names, and what each may be."""

from dataclasses import fields

import pytest

from earned.domain.errors import EarnedError, Invalid
from earned.domain.settings import SETTINGS, parse_setting, parse_settings, wire_settings
from earned.domain.tenancy import Settings


def test_every_setting_of_an_entity_can_be_changed() -> None:
    assert [setting.field for setting in SETTINGS.values()] == [f.name for f in fields(Settings)]


def test_every_default_is_a_value_that_may_be_set() -> None:
    for name, value in wire_settings(Settings()).items():
        text = str(value).lower() if isinstance(value, bool) else str(value)

        assert parse_setting(name, text) == (SETTINGS[name].field, value)


@pytest.mark.parametrize(
    ("name", "text", "parsed"),
    [
        ("timeZone", "America/Sao_Paulo", ("time_zone", "America/Sao_Paulo")),
        ("allowUsageInClosedPeriod", "false", ("allow_usage_in_closed_period", False)),
        ("openEndedPlug", " true ", ("open_ended_plug", True)),
        ("uniqueKey", "strict", ("unique_key", "strict")),
        ("defaultZuoraVersion", "2025-08-12", ("default_zuora_version", "2025-08-12")),
        ("defaultZuoraVersion", "230.0", ("default_zuora_version", "230.0")),
    ],
)
def test_a_value_is_read(name: str, text: str, parsed: tuple[str, object]) -> None:
    assert parse_setting(name, text) == parsed


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "openEndedPlug",
            "True",
            "'openEndedPlug' should be true or false, not 'True'. Did you mean true?",
        ),
        ("uniqueKey", "", "'uniqueKey' should be upsert or strict, not ''."),
        ("timeZone", "../etc/passwd", "an IANA time zone such as Europe/Berlin"),
        ("timeZone", "Europe/Berln", "Did you mean Europe/Berlin?"),
        ("defaultZuoraVersion", "latest", "should be a minor version of the API, 186.0 to 341.0"),
        ("defaultZuoraVersion", "187.5", "Did you mean 187.0?"),
        ("negative_usage", "true", "Did you mean negativeUsage?"),
        (
            "colour",
            "red",
            "Settings are timeZone, prepaidWithDrawdown, negativeUsage, autoExpireFunds, expiry",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_allowed(
    name: str, text: str, message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_setting(name, text)

    assert message in str(refused.value)
    assert refused.value.problems[0].field == name


def test_every_wrong_setting_is_named() -> None:
    with pytest.raises(EarnedError) as refused:
        parse_settings({"uniqueKey": "x", "openEndedPlug": "true", "y": "z"})

    assert [problem.field for problem in refused.value.problems] == ["uniqueKey", "y"]
