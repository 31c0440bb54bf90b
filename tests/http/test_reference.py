"""The published tables of errors and operations say what the program does."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from earned.http.dialect import KINDS
from earned.http.openapi_parts import ANSWER_HEADERS, HEADERS
from earned.http.reference import api_reference
from earned.http.table import OPERATIONS
from tests.api import Api

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def table(page: str, heading: str) -> list[list[str]]:
    """Return the rows of the first table under a heading."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_category_is_published_as_it_is_answered() -> None:
    assert table("errors.md", "Categories") == [
        [
            str(kind.value),
            row.meaning,
            str(row.status),
            str(row.legacy_status),
            str(row.object_status),
            row.object_code,
        ]
        for kind, row in KINDS.items()
    ]


def test_every_resource_is_published() -> None:
    published = [int(row[0]) for row in table("errors.md", "Resources")]

    assert published == sorted({row.resource for row in OPERATIONS})


def test_the_list_of_operations_is_that_of_the_table() -> None:
    page = (REFERENCE / "api.md").read_text(encoding="utf-8")

    assert page == api_reference(), "run make reference"


def test_every_header_is_published() -> None:
    def published(heading: str) -> set[str]:
        rows = table("headers.md", heading)
        return {name.strip("` ") for row in rows for name in row[0].split(",")}

    asked = {str(header["name"]) for header in HEADERS.values()}
    assert published("Of requests") == {"Authorization", *asked}
    assert published("Of answers") == {"Retry-After", *ANSWER_HEADERS}


def test_every_metric_is_published(wire: Api) -> None:
    wire.get("/v1/accounts/A404")
    families = text_string_to_metric_families(wire.http.get("/metrics").text)
    kinds = {family.name: family.type for family in families if family.name.startswith("earned_")}

    published = {
        row[0].strip("`").removesuffix("_total"): row[1]
        for row in table("operations.md", "Metrics")
    }

    assert published == kinds
