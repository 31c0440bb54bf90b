"""Uploaded files large enough to be recorded in sets of rows, and of Parquet: all rows or none."""

from datetime import timedelta
from decimal import Decimal
from hashlib import md5
from pathlib import Path

import duckdb
import pytest

from earned.engine.usage_files.large import LARGE_BYTES
from earned.http.body import BODY_BYTES_MAX
from tests import builders
from tests.api import Api, serving
from tests.http.uploads import HEADER, accepted, csv_of, ended, send, uploaded

KEYED = f"{HEADER},UNIQUE_KEY"
WIDTH = 190
ROWS = LARGE_BYTES // WIDTH


@pytest.fixture
def api(api: Api) -> Api:
    """Lend books in which A-1 has bought a plan that prepays 1,000 tokens in January."""
    with builders.writing(api) as books:
        plan = builders.prepaid_plan(books, units=1000, price=100, overage=2)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
    return api


def row(number: int, quantity: str = "0.5", key: str = "") -> str:
    words = f"number {number} ".ljust(WIDTH - 30, "x")
    return f"A-1,Token,{quantity},01/03/2026,,,,{words},{key}"


def found(api: Api) -> tuple[object, ...]:
    """Return the number of records, what is left of the fund, and the overage."""
    with builders.writing(api) as books:
        (fund,) = books.funds.list()
        rated = sum((one.quantity for one in books.rating_results.list()), Decimal(0))
        return books.usage.count(), fund.balance, rated


def test_a_large_file_is_imported_whole_but_for_empty_rows(api: Api) -> None:
    rows = [row(number) for number in range(ROWS)]

    answer = uploaded(api, csv_of(*rows, ",,,,,,,,", row(ROWS, "-2"), header=KEYED))

    assert (answer["importStatus"], answer["importedCount"]) == ("Completed", ROWS + 1)
    assert answer["statusReason"] == (
        "This row record has been omitted because all values are missing"
    )
    assert found(api) == (ROWS + 1, 0, Decimal(ROWS) / 2 - 1000 - 2)


def test_a_row_at_fault_fails_a_large_file(api: Api) -> None:
    rows = [row(number, key=f"k{number}") for number in range(ROWS)]
    odd = [
        row(ROWS, "many"),
        row(ROWS + 1, key="k7"),
        row(ROWS + 2, "-1,5", "k"),
        row(ROWS + 3, ""),
    ]

    answer = uploaded(api, csv_of(*rows, *odd, header=KEYED))

    assert (answer["importStatus"], answer["importedCount"]) == ("Failed", 0)
    assert answer["totalCount"] == ROWS + 4
    assert answer["refusedRows"] == [
        {"row": ROWS + 2, "column": "QTY", "reason": "'Quantity' value is invalid"},
        {
            "row": ROWS + 3,
            "column": "",
            "reason": f"File Import Failed: The unique-keys are the same at rows: 9 {ROWS + 3}",
        },
        {
            "row": ROWS + 4,
            "column": "",
            "reason": "The Usage Upload Process was rejected. "
            f"There are more values than columns at row: {ROWS + 4}",
        },
        {"row": ROWS + 5, "column": "QTY", "reason": "The QTY is missing"},
    ]
    assert found(api) == (0, 1000, 0)


def test_what_the_end_of_a_server_breaks_off_is_imported_by_the_next(
    founded_database_url: str,
) -> None:
    with serving(founded_database_url) as api:
        with builders.writing(api) as books:
            plan = builders.prepaid_plan(books, units=1000, price=100, overage=2)
            builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
        answer = send(api, csv_of(*map(row, range(ROWS)), header=KEYED)).json()

    with serving(founded_database_url) as api:
        status = ended(api, answer["checkImportStatus"])
        with builders.writing(api) as books:
            (upload,) = books.usage_imports.list()
        assert found(api)[0] == status["importedCount"] == ROWS
    assert upload.attempts == 1


def test_parquet_is_uploaded_like_csv(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "usage.parquet"
    names = ", ".join(f"NULL AS {name}" for name in HEADER.split(",")[4:])
    use = "'A-1' AS ACCOUNT_ID, 'Token' AS UOM, 0.25 AS QTY, DATE '2026-01-03' AS STARTDATE"
    duckdb.sql(f"SELECT {use}, {names}").write_parquet(str(path))

    answer = uploaded(api, path.read_bytes(), "usage.parquet")
    broken = uploaded(api, b"PAR1 and no more", "usage.parquet")

    assert answer["importStatus"] == "Completed"
    assert broken["statusReason"] == "File Import Failed: The Parquet file cannot be read"
    assert found(api) == (1, Decimal("999.75"), 0)


def test_a_file_of_many_parts_is_larger_than_any_other_body(api: Api) -> None:
    note = "x" * 100_000
    rows = [f"A-1,Token,{number},01/03/2026,,,,,{note}" for number in range(1, 91)]
    content = csv_of(*rows, header=f"{HEADER},NOTE")
    assert len(content) > BODY_BYTES_MAX

    too_large = send(api, content)
    api.settings(limit_usage_files=False)
    answer = uploaded(api, content, Idempotency_Key="once")
    again = send(api, content, Idempotency_Key="once")
    other = send(api, content + b"\n", Idempotency_Key="once")

    message = "The file size must not exceed 4MB (4194304 bytes)"
    assert too_large.json()["reasons"][0]["message"] == message
    assert (answer["importStatus"], answer["importedCount"]) == ("Completed", 90)
    assert answer["md5"] == md5(content, usedforsecurity=False).hexdigest()
    assert again.json()["checkImportStatus"] == f"/v1/usage/{answer['id']}/status"
    assert other.status_code == 422
    assert found(api) == (90, 0, 90 * 91 // 2 - 1000)
    with builders.writing(api) as books:
        assert list(books.parts(answer["id"])) == []


def test_an_upload_beyond_the_limit_of_the_server_is_refused(founded_sqlite_url: str) -> None:
    with serving(founded_sqlite_url, upload_bytes=1000) as api:
        answer = send(api, b"x" * 1000)

        assert answer.status_code == 413
        assert answer.json()["reasons"][0]["message"] == (
            "The request body is larger than 1000 bytes."
        )


def test_parts_of_a_file_that_never_came_whole_are_forgotten_after_a_day(api: Api) -> None:
    with builders.writing(api) as books:
        lost = books.new_id()
        books.store_part(lost, 0, b"first")
        books.store_part(lost, 1, b"second")
        waiting = accepted(books, b"waiting")

    assert api.application.forget_expired(10) == 0
    api.clock.now += timedelta(hours=24, seconds=1)
    assert api.application.forget_expired(10) == 2
    with builders.writing(api) as books:
        assert list(books.parts(lost)) == []
        assert list(books.parts(waiting.id)) == [b"waiting"]
