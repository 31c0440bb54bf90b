"""Usage files that are not imported: none of their rows is recorded (U 3.3, U 3.6, U 5 row 38)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import builders
from tests.api import Api
from tests.http.uploads import (
    HEADER,
    csv_of,
    refused,
    sell_40_tokens,
    send,
    uploaded,
    use,
)

FORM = "multipart/form-data"
KEYED = f"{HEADER},UNIQUE_KEY"


@pytest.fixture(scope="module")
def shop(wire: Api) -> Api:
    """Sell 40 tokens; no test changes anything here."""
    sell_40_tokens(wire)
    with builders.writing(wire) as books:
        builders.unit(books, "Byte")
    return wire


@pytest.fixture(autouse=True)
def _nothing_is_recorded(shop: Api) -> Iterator[None]:
    yield
    with builders.writing(shop) as books:
        assert books.usage.count() == 0
        assert [fund.balance for fund in books.funds.list()] == [40]
        assert all(row.imported_count == 0 for row in books.usage_imports.list())


def _form(*parts: tuple[str, Any]) -> dict[str, Any]:
    return {"files": list(parts)}


def test_u_38_one_row_without_a_quantity_fails_the_whole_file(shop: Api) -> None:
    answer = uploaded(shop, csv_of(use(1), use(""), use(3)))

    assert answer["importStatus"] == "Failed"
    assert answer["statusReason"] == "The QTY is missing"
    assert answer["refusedRows"] == [{"row": 3, "column": "QTY", "reason": "The QTY is missing"}]
    assert (answer["totalCount"], answer["importedCount"]) == (3, 0)


def test_u_38_the_same_key_twice_fails_the_whole_file(shop: Api) -> None:
    content = csv_of(use(1) + ",k", use(2) + ",other", use(3) + ",k", header=KEYED)

    text = "File Import Failed: The unique-keys are the same at rows: 2 4"
    assert refused(shop, content) == text


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("n" * 47 + ".csv", 10, "The length of the file name must not exceed 50 characters"),
        ("big.csv", 4_194_305, "The file size must not exceed 4MB (4194304 bytes)"),
        ("usage.pdf", 10, "The file should be one of .csv, .zip, .xls, .xlsx, .parquet"),
    ],
)
def test_u_38_what_is_too_long_too_large_or_of_another_kind_is_not_accepted(
    shop: Api, name: str, size: int, message: str
) -> None:
    answer = send(shop, b"x" * size, name)

    assert answer.status_code == 400
    assert answer.json()["reasons"] == [{"code": 50400020, "message": message}]


def test_all_rows_at_fault_are_told_in_file_order(shop: Api) -> None:
    rows = (use(1), use("x"), use(2, account="A-9"), f"{use(1)},", use(3, day="13/31/2026"))

    answer = uploaded(shop, csv_of(*rows, "A-1,Hour,1,01/03/2026,,,,more 😀"))

    assert [(row["row"], row["column"], row["reason"]) for row in answer["refusedRows"]] == [
        (3, "QTY", "'Quantity' value is invalid"),
        (4, "ACCOUNT_ID", "The ACCOUNT_ID does not match"),
        (6, "STARTDATE", "The STARTDATE format is invalid"),
        (7, "", "Failed to import usage: An invalid character (emoticon) was identified"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A-1,Hour,1,01/03/2026,,,,", "The UOM does not match"),
        (
            "A-1,Byte,1,01/03/2026,,,,",
            "File Import Failed: The UOM Byte does not match any existing charge",
        ),
        ("A-1,Token,1,01/03/2026,01/02/2026,,,", "The Usage STARTDATE cannot be after the ENDDATE"),
        ("A-1,Token,1,01/03/2026,soon,,,", "The ENDDATE format is invalid"),
        ("A-1,Token,1,01/03/2026,,A-S9,,", "Invalid Subscription ID"),
        ("A-1,Token,1,01/03/2026,,,C-9,", "Invalid Charge ID"),
        (",Token,1,01/03/2026,,,,", "The ACCOUNT_ID is missing"),
        (
            "A-1,Token,1,000,01/03/2026,,,,",
            "The Usage Upload Process was rejected. There are more values than columns at row: 2",
        ),
    ],
)
def test_u_3_3_a_row_fails_in_the_words_of_imports(shop: Api, row: str, reason: str) -> None:
    assert refused(shop, csv_of(row + ("x" if row.count(",") == 8 else ""))) == reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER.replace("QTY,", ""), "The column QTY must be there"),
        (HEADER.replace("ENDDATE,SUBSCRIPTION_ID,", ""), "ENDDATE, SUBSCRIPTION_ID must be there"),
        (f"{HEADER},qty", "The column QTY is there twice"),
        ("", "must be there"),
    ],
)
def test_a_header_without_a_column_or_with_one_twice_fails(
    shop: Api, header: str, reason: str
) -> None:
    text = refused(shop, csv_of(use(1), header=header))

    assert text.startswith("The Usage Upload Process was rejected. ")
    assert text.endswith(f"{reason} at row: 1")


def test_a_file_without_records_fails(shop: Api) -> None:
    assert refused(shop, csv_of("", ",,,,,,,")).endswith("There are no records at row: 2")


@pytest.mark.parametrize(
    ("request_parts", "status", "message"),
    [
        ({"json": {}}, 415, "Content-Type 'application/json' is not supported"),
        (_form(("other", ("a.csv", b""))), 400, "'file' may not be empty"),
        (_form(("file", ("a.csv", b"")), ("file", ("b.csv", b""))), 400, "One file"),
        (_form(*[("x", (f"{n}.csv", b"")) for n in range(30)]), 400, "more than 20 parts"),
        (
            {"content": b"--b", "headers": {"Content-Type": FORM}},
            400,
            "no boundary",
        ),
        (
            {
                "content": b"nonsense",
                "headers": {"Content-Type": f"{FORM}; boundary=b"},
            },
            400,
            "Malformed request",
        ),
    ],
)
def test_what_is_no_form_with_one_file_is_refused(
    shop: Api, request_parts: dict[str, Any], status: int, message: str
) -> None:
    parts = {"headers": {}, **request_parts}
    parts["headers"] = {**shop.headers, **parts["headers"]}

    answer = shop.http.post("/v1/usage", **parts)

    assert answer.status_code == status, answer.text
    assert message in answer.json()["reasons"][0]["message"]


def test_an_import_that_is_not_there_is_not_found(shop: Api) -> None:
    assert shop.get(f"/v1/usage/{'0' * 32}/status").status_code == 404
