"""Random conditions: ZOQL finds what object queries find (R 8.9, 8.10)."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import builders
from tests.api import Api, serving
from tests.asking import use, walk

NUMBERS = ("0", "7", "10.5", "10.50", "-1", "12")
TEXTS = ("north", "south", "50%", "it's", "")
SIGNS = {"=": "EQ", "!=": "NE", "<": "LT", "<=": "LE", ">": "GT", ">=": "GE"}
EQUALITY = ("=", "!=")
SELECT = "select Id from Usage where {}"

Pair = tuple[str, str]
"""A condition as ZOQL writes it, and as a filter is written."""


@pytest.fixture(scope="module")
def api(founded_sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    path = tmp_path_factory.mktemp("zoql") / "books.db"
    path.write_bytes(founded_sqlite_template.read_bytes())
    with serving(f"sqlite:///{path}") as api:
        with builders.writing(api) as books:
            customer = builders.account(books)
            for place, quantity in enumerate(("7", "10.5", "-1", "12", "0")):
                text = TEXTS[place % 4]
                use(books, customer.id, quantity, description=None if place == 4 else text)
        yield api


def written(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def number(sign: str, value: str) -> Pair:
    return f"Quantity {sign} {value}", f"quantity.{SIGNS[sign]}:{value}"


def text(sign: str, value: str) -> Pair:
    return f"Description {sign} {written(value)}", f"description.{SIGNS[sign]}:{value}"


def null(sign: str) -> Pair:
    return f"Description {sign} null", f"description.{SIGNS[sign]}:null"


conditions = st.one_of(
    st.builds(number, st.sampled_from([*SIGNS]), st.sampled_from(NUMBERS)),
    st.builds(text, st.sampled_from(EQUALITY), st.sampled_from(TEXTS)),
    st.builds(null, st.sampled_from(EQUALITY)),
)
alternatives = st.lists(st.lists(conditions, min_size=1, max_size=3), min_size=1, max_size=3)


def batches(api: Api, query: str, size: int) -> Sequence[str]:
    """Return the ids a query finds, batch by batch."""
    body = {"queryString": query, "conf": {"batchSize": size}}
    answer = api.post("/v1/action/query", body).json()
    ids = [row["Id"] for row in answer["records"]]
    while not answer["done"]:
        more = {"queryLocator": answer["queryLocator"]}
        answer = api.post("/v1/action/queryMore", more).json()
        ids += [row["Id"] for row in answer["records"]]
    return ids


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(alternatives=alternatives, size=st.integers(1, 6))
def test_zoql_finds_what_object_queries_find(
    api: Api, alternatives: list[list[Pair]], size: int
) -> None:
    where = " or ".join(" and ".join(zoql for zoql, _ in every) for every in alternatives)
    wanted: set[str] = set()
    for every in alternatives:
        filters = [("filter[]", filtered) for _, filtered in every]
        wanted |= {row["id"] for row in walk(api, "usages", ("pageSize", 99), *filters)}

    found = batches(api, SELECT.format(where), size)

    assert found == sorted(wanted)
