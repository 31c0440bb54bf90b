"""The list of operations for people, from the one table of routes."""

from collections.abc import Iterator
from itertools import groupby

from earned.http.operation import Operation, Traffic
from earned.http.parameters import parameters_of
from earned.http.table import OPERATIONS

_HEAD = """# API

Every operation of the table, by tag; written by `make reference`. A running server describes them
in full, with every field, at `/docs` (a page that works offline) and `/openapi.json`
(OpenAPI 3.1). What every operation understands besides is in [headers](headers.md); what goes
wrong, and how it is told, is in [errors](errors.md).

`body` names the schema of the payload, `traffic` the concurrency limit that counts (Default where
nothing stands). Besides these there are `POST /oauth/token` and `POST /oauth/revoke`, `/healthz`,
`/readyz` and `/metrics`.
"""


def api_reference() -> str:
    """Return the page."""
    rows = sorted(OPERATIONS, key=lambda row: (row.tag, row.path, row.method))
    return "\n".join([_HEAD, *_sections(rows)])


def _sections(rows: list[Operation]) -> Iterator[str]:
    for tag, operations in groupby(rows, lambda row: row.tag):
        yield f"## {tag}\n"
        yield "| operation | | body | query | traffic |"
        yield "|---|---|---|---|---|"
        yield from (_row(operation) for operation in operations)
        yield ""


def _row(operation: Operation) -> str:
    body = f"`{operation.body.__name__}`" if operation.body else ""
    body = "a file" if operation.takes_file else body
    query = ", ".join(f"`{parameter.name}`" for parameter in parameters_of(operation))
    traffic = "" if operation.traffic is Traffic.DEFAULT else operation.traffic.value
    call = f"`{operation.method} {operation.path}`"
    return f"| {call} | {operation.summary} | {body} | {query} | {traffic} |"
