"""How this server runs, read once from the environment. Every variable is in docs/reference."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from earned.bootstrap.rates import (
    AUTHENTICATION,
    AUTHENTICATION_ADDRESS,
    NAMES,
    PRODUCTION,
    Rates,
    parse_rates,
)

UPLOAD_BYTES = 4 * 1024**3
_URL_FORMS = "should be like sqlite:///path/earned.db or postgresql://user:password@host/database."


class BadSetting(Exception):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the books are, and what limits apply. Limits of 0 mean none."""

    database_url: str
    token_seconds: int = 3600
    rate_limits: Rates = PRODUCTION
    auth_rate_limits: Rates = AUTHENTICATION
    auth_address_rate_limits: Rates = AUTHENTICATION_ADDRESS
    concurrency_default: int = 40
    concurrency_high_volume: int = 200
    concurrency_object_query: int = 80
    body_seconds: int = 30
    wait_seconds: int = 30
    upload_bytes: int = UPLOAD_BYTES
    group_max: int = 512
    callouts_to_private: bool = False
    metrics_directory: str = ""
    log_level: str = "info"
    log_format: str = "console"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ServerSettings":
        """Read `EARNED_*` variables. Raises `BadSetting` naming the variable at fault."""
        reader = _Reader(environment)
        return cls(
            database_url=reader.database_url(default_database_url(environment)),
            token_seconds=reader.whole("TOKEN_SECONDS", 3600),
            rate_limits=reader.rates("RATE_LIMITS", PRODUCTION),
            auth_rate_limits=reader.rates("AUTH_RATE_LIMITS", AUTHENTICATION),
            auth_address_rate_limits=reader.rates(
                "AUTH_ADDRESS_RATE_LIMITS", AUTHENTICATION_ADDRESS
            ),
            concurrency_default=reader.whole("CONCURRENCY_DEFAULT", 40),
            concurrency_high_volume=reader.whole("CONCURRENCY_HIGH_VOLUME", 200),
            concurrency_object_query=reader.whole("CONCURRENCY_OBJECT_QUERY", 80),
            body_seconds=reader.whole("BODY_SECONDS", 30),
            wait_seconds=reader.whole("WAIT_SECONDS", 30),
            upload_bytes=reader.whole("UPLOAD_BYTES", UPLOAD_BYTES),
            group_max=reader.whole("GROUP_MAX", 512),
            callouts_to_private=reader.choice("CALLOUTS_TO_PRIVATE", "no", ("no", "yes")) == "yes",
            metrics_directory=reader.text("METRICS_DIRECTORY", ""),
            log_level=reader.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
            log_format=reader.choice("LOG_FORMAT", "console", ("console", "json")),
        )


def server_settings() -> ServerSettings:
    """Read the environment of this process. Raises `BadSetting`."""
    return ServerSettings.from_environment(os.environ)


def default_database_url(environment: Mapping[str, str]) -> str:
    """Return the embedded database in the user's data directory."""
    home = environment.get("XDG_DATA_HOME") or str(
        Path(environment.get("HOME", ".")) / ".local/share"
    )
    return f"sqlite:///{Path(home) / 'earned' / 'earned.db'}"


@dataclass(frozen=True, slots=True)
class _Reader:
    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environment.get(f"EARNED_{name}") or default

    def database_url(self, default: str) -> str:
        value = self.text("DATABASE_URL", default)
        try:
            url = make_url(value)
        except ArgumentError:
            raise BadSetting(f"EARNED_DATABASE_URL {_URL_FORMS}") from None
        backend = url.get_backend_name()
        if backend == "sqlite" and url.database in {None, "", ":memory:"}:
            raise BadSetting(f"EARNED_DATABASE_URL should name a file: it {_URL_FORMS}")
        if backend not in {"sqlite", "postgresql"}:
            raise BadSetting(f"EARNED_DATABASE_URL {_URL_FORMS} It names '{backend}'.")
        return value

    def rates(self, name: str, default: Rates) -> Rates:
        value = self.environment.get(f"EARNED_{name}")
        if not value:
            return default
        try:
            return parse_rates(value)
        except ValueError:
            raise BadSetting(
                f"EARNED_{name} should be one of {', '.join(NAMES)}, or limits like "
                f"50000/60,2250000/3600 (requests/seconds), not '{value}'."
            ) from None

    def whole(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit()):
            raise BadSetting(f"EARNED_{name} should be a whole number, not '{value}'.")
        return int(value)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default).lower()
        if value not in allowed:
            raise BadSetting(f"EARNED_{name} should be one of {', '.join(allowed)}, not '{value}'.")
        return value
