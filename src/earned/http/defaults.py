"""The version of a request that names none, as its entity has chosen it (R 8.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from earned.domain.settings import API_VERSIONS
from earned.domain.tenancy import Scope
from earned.http.version import DEFAULT_VERSION, Version

# How long a choice is trusted without another look at the database.
TRUSTED = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Known:
    version: Version
    until: datetime


class DefaultVersions:
    """Knows which version each entity has chosen."""

    def __init__(self, find: Callable[[Scope], str], clock: Callable[[], datetime]) -> None:
        """Look choices up with `find`."""
        self._find = find
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def remembered(self, scope: Scope) -> Version | None:
        """Return the entity's choice if it was looked up lately."""
        known = self._known.get(scope.entity_id)
        return known.version if known and known.until > self._clock() else None

    def look_up(self, scope: Scope) -> Version:
        """Return the entity's choice, from the database."""
        name = self._find(scope)
        version = Version.named(name) if name in API_VERSIONS else DEFAULT_VERSION
        self._known[scope.entity_id] = _Known(version, self._clock() + TRUSTED)
        return version
