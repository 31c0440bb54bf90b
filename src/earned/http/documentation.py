"""The description of the API and its page, which works without a network.

Swagger UI comes as files of a package; the page may load nothing from elsewhere, and its policy
makes the browser see to that.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache, partial
from importlib.resources import files

from earned.http.dialect import JSON
from earned.http.exchange import Exchange
from earned.http.openapi import document_bytes
from earned.services.work import Reply

_OK = 200
_SOURCES = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_POLICY = ("content-security-policy", _SOURCES)
_FOR_A_DAY = ("cache-control", "public, max-age=86400")
_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Earned API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = b"""SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  tagsSorter: "alpha",
  validatorUrl: null,
});
"""
_FILES = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


async def _description(exchange: Exchange) -> Reply:
    del exchange
    return Reply(_OK, (JSON,), document_bytes())


async def _page(exchange: Exchange) -> Reply:
    del exchange
    return Reply(_OK, (("content-type", "text/html; charset=utf-8"), _POLICY), _PAGE)


async def _start(exchange: Exchange) -> Reply:
    del exchange
    return Reply(_OK, (("content-type", "text/javascript; charset=utf-8"),), _START)


async def _file(name: str, exchange: Exchange) -> Reply:
    del exchange
    content_type = ("content-type", f"{_FILES[name]}; charset=utf-8")
    return Reply(_OK, (content_type, _FOR_A_DAY), _contents(name))


@cache
def _contents(name: str) -> bytes:
    return (files("fastapi_offline") / "static" / name).read_bytes()


PAGES: Mapping[str, Callable[[Exchange], Awaitable[Reply]]] = {
    "/openapi.json": _description,
    "/docs": _page,
    "/docs/start.js": _start,
    **{f"/docs/{name}": partial(_file, name) for name in _FILES},
}
