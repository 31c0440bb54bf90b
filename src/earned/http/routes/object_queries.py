"""Object Query: `/object-query/<objects>` and `/object-query/<objects>/{key}` (R 8.9)."""

from collections.abc import Mapping

from earned.http.dialect import Dialect
from earned.http.operation import Call, Operation, Parameter, Read, Traffic
from earned.http.query.answers import object_answer, page_answer
from earned.http.query.cursor import write_cursor
from earned.http.query.fields import QueryObject
from earned.http.query.objects import OBJECTS
from earned.http.query.parse import PAGE_SIZE, PAGE_SIZE_MAX, parse_list, parse_one
from earned.http.query.present import Presenter
from earned.services.ports import Books
from earned.services.query_objects import Key, find_object, query_objects

TAG = "Object Queries"
_TEXTS = {"type": "array", "items": {"type": "string"}}


def _list(asked: QueryObject) -> Read:
    def query(books: Books, call: Call) -> Mapping[str, object]:
        zone = books.settings.zone
        question = parse_list(asked, call.query, zone)
        page = query_objects(books, question.query)
        presenter = Presenter(zone, question.nulls)
        data = [presenter.body(found, question.view) for found in page.found]
        if page.last is None:
            return {"data": data}
        return {"nextPage": write_cursor(page.last, question.query.rows.sort), "data": data}

    return Read(query)


def _one(asked: QueryObject) -> Read:
    def query(books: Books, call: Call) -> Mapping[str, object]:
        question = parse_one(asked, call.query)
        key = Key(
            key=call.path["key"],
            number=asked.number,
            latest=asked.versioned,
            segment=asked.segment,
        )
        found = find_object(books, question.query, key)
        return Presenter(books.settings.zone, question.nulls).body(found, question.view)

    return Read(query)


def _shape(asked: QueryObject) -> tuple[Parameter, ...]:
    """Describe the parameters that shape the answer."""
    expandable = ", ".join(asked.links_by_name) or "nothing"
    return (
        Parameter(
            "pageSize",
            f"How many objects a page has, and a list of expanded objects at most: 1 to "
            f"{PAGE_SIZE_MAX}.",
            {"type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE},
        ),
        Parameter(
            "expand[]", f"Related objects to include, dotted for more steps: {expandable}.", _TEXTS
        ),
        Parameter(
            "fields[]",
            "The fields to show, separated by commas; `<relation>.fields[]` too.",
            _TEXTS,
        ),
        Parameter(
            "includeNullFields",
            "Whether fields without a value are shown.",
            {"type": "boolean", "default": False},
        ),
    )


def _choice(asked: QueryObject) -> tuple[Parameter, ...]:
    """Describe the parameters that choose the objects of a list."""
    fields = ", ".join(name for name, known in asked.by_name.items() if known.derived is None)
    return (
        Parameter("cursor", "The `nextPage` of the page before; all else stays the same."),
        Parameter(
            "filter[]", f"`field.OPERATOR:value`, combined by AND. Fields: {fields}.", _TEXTS
        ),
        Parameter("sort[]", "`field.ASC` or `field.DESC`, one of the fields to filter by.", _TEXTS),
    )


def _operations(asked: QueryObject) -> tuple[Operation, Operation]:
    path = f"/object-query/{asked.path}"
    objects = asked.path.replace("-", " ")
    answer = object_answer(asked)
    return (
        Operation(
            method="GET",
            path=path,
            id=asked.list_id,
            tag=TAG,
            summary=f"List {objects}",
            dialect=Dialect.QUERY,
            traffic=Traffic.OBJECT_QUERY,
            parameters=(*_choice(asked), *_shape(asked)),
            answer=page_answer(asked, answer),
            work=_list(asked),
        ),
        Operation(
            method="GET",
            path=f"{path}/{{key}}",
            id=asked.key_id,
            tag=TAG,
            summary=f"Retrieve one of the {objects} by its key",
            dialect=Dialect.QUERY,
            traffic=Traffic.OBJECT_QUERY,
            parameters=_shape(asked),
            answer=answer,
            work=_one(asked),
        ),
    )


OPERATIONS = tuple(operation for known in OBJECTS.values() for operation in _operations(known))
