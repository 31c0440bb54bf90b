"""Paths of the table as the framework routes them."""

import re
from collections.abc import Iterable, Mapping

from starlette.routing import BaseRoute, Match, Route

from earned.http.exchange import Scope

_PLACEHOLDER = re.compile(r"\{([^}]+)\}")


class Template:
    """A path with placeholders; the framework allows no hyphens in their names, the wire does."""

    def __init__(self, path: str) -> None:
        """Read a path such as `/v1/accounts/{account-key}`."""
        self.names = {name.replace("-", "_"): name for name in _PLACEHOLDER.findall(path)}
        self.pattern = _PLACEHOLDER.sub(lambda found: found[0].replace("-", "_"), path)

    def values(self, found: Mapping[str, str]) -> Mapping[str, str]:
        """Return what the framework found, under the names of the table."""
        return {self.names[name]: value for name, value in found.items()}


def methods_at(scope: Scope, routes: Iterable[BaseRoute]) -> set[str]:
    """Return the methods that a path knows, HEAD apart; none if it is no path of ours."""
    methods: set[str] = set()
    for route in routes:
        if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return methods - {"HEAD"}
