"""ZOQL: `/v1/action/query` and `/v1/action/queryMore` (R 8.10)."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from earned.domain.errors import Invalid
from earned.domain.locator import QueryLocator
from earned.domain.query import Position
from earned.http.dialect import Dialect
from earned.http.operation import Call, Operation, Write
from earned.http.query.present import Presenter
from earned.http.validation import V1Request
from earned.http.zoql.question import parse_question
from earned.services.keep_locator import Batch, keep_locator, locator_by_id
from earned.services.ports import Books
from earned.services.query_objects import query_objects
from earned.services.work import single

TAG = "Actions"
BATCH_MAX = 2000

_LOCATOR = re.compile("([0-9a-f]{32})-([0-9a-f]{32})")


class QueryConf(V1Request):
    """How many records an answer holds; more than 2,000 are never given at once."""

    batch_size: int | None = Field(default=None, ge=1)


class ZoqlQuery(V1Request):
    """A ZOQL query: `select Id, Name from Account where Status = 'Active'`."""

    query_string: str
    conf: QueryConf | None = None


class ZoqlQueryMore(V1Request):
    """The locator of the answer before."""

    query_locator: str
    conf: QueryConf | None = None


class ZoqlAnswer(BaseModel):
    """Records of the object, each with the fields that it has a value in."""

    model_config = ConfigDict(alias_generator=to_camel)

    records: list[dict[str, Any]]
    size: int
    done: bool
    query_locator: str | None = None


def _query(books: Books, call: Call) -> Batch:
    body: ZoqlQuery = call.body
    locator = QueryLocator(
        id=books.new_id(),
        entity_id=books.scope.entity_id,
        query=body.query_string,
        batch_size=_batch_size(body.conf, BATCH_MAX),
        created_at=books.now,
        used_at=books.now,
    )
    return _batch(books, locator, None, locator.batch_size)


def _query_more(books: Books, call: Call) -> Batch:
    body: ZoqlQueryMore = call.body
    match = _LOCATOR.fullmatch(body.query_locator)
    if match is None:
        raise Invalid("The queryLocator is not one that a query gave.")
    locator = locator_by_id(books, match[1])
    return _batch(books, locator, Position(match[2]), _batch_size(body.conf, locator.batch_size))


def _batch(books: Books, locator: QueryLocator, after: Position | None, size: int) -> Batch:
    zone = books.settings.zone
    question = parse_question(locator.query, zone)
    page = query_objects(books, question.page(after, size))
    presenter = Presenter(zone, nulls=False)
    records = [presenter.body(found, question.view) for found in page.found]
    if page.last is None:
        return Batch(records)
    return Batch(records, locator, page.last.id)


def _batch_size(conf: QueryConf | None, usual: int) -> int:
    asked = conf.batch_size if conf else None
    return min(asked or usual, BATCH_MAX)


def _answer(call: Call, batch: Batch) -> Mapping[str, object]:
    del call
    answer = {"records": batch.records, "size": len(batch.records), "done": batch.is_last}
    if batch.locator is None:
        return answer
    return {**answer, "queryLocator": f"{batch.locator.id}-{batch.last_id}"}


def _is_last(batch: Batch) -> bool:
    return batch.is_last


_KEEP_LOCATOR = single(keep_locator, structural=False)

OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/action/query",
        id="Action_POSTquery",
        tag=TAG,
        summary="Query objects with ZOQL",
        dialect=Dialect.ACTION,
        body=ZoqlQuery,
        answer=ZoqlAnswer,
        work=Write(_KEEP_LOCATOR, None, _answer, prepare=_query, is_done=_is_last),
    ),
    Operation(
        method="POST",
        path="/v1/action/queryMore",
        id="Action_POSTqueryMore",
        tag=TAG,
        summary="Go on from the query locator of an answer",
        dialect=Dialect.ACTION,
        body=ZoqlQueryMore,
        answer=ZoqlAnswer,
        work=Write(_KEEP_LOCATOR, None, _answer, prepare=_query_more, is_done=_is_last),
    ),
)
