"""Explaining numbers: `/v1/explain/{id}`. Not of Zuora's API, in its v1 style."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from earned.domain.explain_text import read_cursor, tree_fields
from earned.domain.explaining import NODES_MAX, Direction, Node
from earned.http.answers import V1Answer
from earned.http.operation import Call, Operation, Parameter, Read
from earned.http.paging import page_of
from earned.http.parameters import choice_of
from earned.services.explain import Explain, Place, explain
from earned.services.ports import Books

PATH = "/v1/explain/{id}"
LIMIT, LIMIT_MAX = 10, 100
BOTH = "both"


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", alias_generator=to_camel)


class BranchAnswer(_Part):
    """All of one kind that a thing leads to: counted, added up, and the first of them."""

    type: str
    count: int
    currency: str | None
    amount: Decimal | None
    quantity: Decimal | None
    nodes: list["NodeAnswer"]
    next_page: str | None = None


class NodeAnswer(_Part):
    """A thing with a number: what it is made of (`down`), and what it went into (`up`)."""

    type: str
    id: str
    number: str | None
    text: str | None
    day: date | None
    accounting_period_name: str | None
    currency: str | None
    amount: Decimal | None
    quantity: Decimal | None
    unit_of_measure: str | None
    created_on: str | None
    down: list[BranchAnswer] | None = None
    up: list[BranchAnswer] | None = None


class ExplainAnswer(V1Answer):
    """An explanation: a tree, or two."""

    node: NodeAnswer


def _command(call: Call) -> Explain:
    chosen = choice_of(call, "direction", (BOTH, *Direction))
    cursor = call.first("cursor")
    return Explain(
        key=call.path["id"],
        directions=tuple(Direction) if chosen == BOTH else (Direction(chosen),),
        limit=page_of(call, LIMIT, LIMIT_MAX).size,
        place=Place(*read_cursor(cursor)) if cursor else None,
    )


def _explain(books: Books, call: Call) -> Mapping[str, object]:
    command = _command(call)

    def link(node: Node, cursor: str) -> str:
        query = urlencode({"cursor": cursor, "pageSize": command.limit})
        return f"{call.base_url}/v1/explain/{quote(node.id, safe='')}?{query}"

    return {"success": True, "node": tree_fields(explain(books, command), link)}


OPERATIONS = (
    Operation(
        method="GET",
        path=PATH,
        id="explain",
        tag="Explain",
        summary="Explain a number, down to usage records or up to journal entries",
        parameters=(
            Parameter(
                "direction",
                "Which way to explain.",
                {"type": "string", "enum": [BOTH, *Direction], "default": BOTH},
            ),
            Parameter(
                "pageSize",
                f"How many of a kind to list for each thing, at most {LIMIT_MAX}, and fewer where "
                f"there would be more than {NODES_MAX}. Counts and sums are of all there is.",
                {"type": "integer", "minimum": 1, "default": LIMIT},
            ),
            Parameter("cursor", "Where a long list goes on, from its `nextPage`."),
        ),
        answer=ExplainAnswer,
        work=Read(_explain),
    ),
)
