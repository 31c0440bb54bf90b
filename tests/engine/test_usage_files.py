"""Usage files of every format as rows of texts, and what is refused before it unfolds."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.errors import Invalid
from earned.domain.usage_columns import TEMPLATE
from earned.engine.usage_files.reading import open_cells

HEADER = list(TEMPLATE)
TABLE = [["ACCOUNT_ID", "QTY"], ["A-1", "1.5"]]
CSV = b"ACCOUNT_ID,QTY\r\nA-1,1.5\r\n"


def read(name: str, content: bytes) -> list[list[str]]:
    return [list(row) for row in open_cells(name, BytesIO(content))]


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read(name, content)
    return str(caught.value)


def zipped(**files: bytes) -> bytes:
    return archive({name.replace("_", "."): content for name, content in files.items()})


def archive(files: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return made.getvalue()


def workbook(fill: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [CSV, b"\xef\xbb\xbf" + CSV, CSV.replace(b"\r\n", b"\n"), CSV.replace(b"A-1", b'"A-1"')],
)
def test_csv_is_read_with_a_mark_or_without_and_with_any_end_of_line(content: bytes) -> None:
    assert read("usage.csv", content) == TABLE


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1), max_size=5))
def test_what_a_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    path = BytesIO()
    text = "".join(_line(row) for row in rows)
    path.write(b"\xef\xbb\xbf" + text.encode())

    assert read("usage.csv", path.getvalue()) == rows


def _line(row: list[str]) -> str:
    class Keeper:
        text = ""

        def write(self, text: str) -> None:
            self.text += text

    keeper = Keeper()
    csv.writer(keeper, quoting=csv.QUOTE_ALL).writerow(row)
    return keeper.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("ACCOUNT_ID\nÄ".encode("latin-1"), "The file is not in UTF-8"),
        (b"x" * 200_000, "The file is not CSV: field larger than field limit (131072)"),
        (b'A,B\n1,"two\n3,4\n', "The file is not CSV: unexpected end of data"),
        (b'A,B\n1,"two" or so\n', "The file is not CSV: ',' expected after '\"'"),
    ],
)
def test_what_is_no_csv_in_utf_8_is_refused(content: bytes, reason: str) -> None:
    assert refusal("usage.csv", content) == f"File Import Failed: {reason}"


def test_a_zip_has_one_csv_file() -> None:
    assert read("usage.zip", zipped(usage_csv=CSV)) == TABLE


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "The zip file must contain exactly one file, a CSV file"),
        ({"a.csv": CSV, "b.csv": CSV}, "The zip file must contain exactly one file, a CSV file"),
        ({"a.zip": CSV}, "The zip file must contain exactly one file, a CSV file"),
        ({"in/a.csv": CSV}, "The zip file must not contain a directory"),
        ({"../../etc/a.csv": CSV}, "The zip file must not contain a directory"),
        ({"a.csv": bytes(65 << 20)}, "The file is larger than 67108864 bytes when it is unzipped"),
    ],
)
def test_a_zip_of_another_shape_or_that_is_a_bomb_is_refused(
    files: dict[str, bytes], reason: str
) -> None:
    assert refusal("usage.zip", archive(files)) == f"File Import Failed: {reason}"


def test_a_zip_that_states_less_than_it_holds_gives_no_more_than_it_states() -> None:
    content = zipped(a_csv=b"x,y\n" * 1000)
    lying = content.replace((4000).to_bytes(4, "little"), (4).to_bytes(4, "little"))

    assert refusal("usage.zip", lying) == "File Import Failed: The zip file cannot be read"


@pytest.mark.parametrize("cut", [0, 1, 30, 60, 100])
def test_a_broken_zip_or_workbook_is_refused(cut: int) -> None:
    broken = zipped(usage_csv=CSV)[:cut]

    assert refusal("usage.zip", broken) == "File Import Failed: The zip file cannot be read"
    assert refusal("usage.xlsx", broken) == "File Import Failed: The zip file cannot be read"


def test_a_workbook_is_read_as_a_person_sees_it() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(HEADER)
        sheet.append(["A-1", "Token", 0.1 + 0.2, datetime(2026, 1, 3, 10, 30)])  # noqa: DTZ001
        sheet.append([1234, "Token", 10.0, date(2026, 1, 4), None, None, None, True])
        sheet.append([])
        sheet.append(["A-1", "Token", 1e-7, "01/05/2026", None, None, None, "é, 😀"])

    header, first, second, empty, third = read("usage.xlsx", workbook(fill))

    assert header == HEADER
    assert first == ["A-1", "Token", "0.3", "2026-01-03T10:30:00"]
    assert second == ["1234", "Token", "10", "2026-01-04T00:00:00", "", "", "", "TRUE"]
    assert empty == []
    assert third == ["A-1", "Token", "0.0000001", "01/05/2026", "", "", "", "é, 😀"]


def test_a_formula_counts_with_its_stored_value_and_is_never_computed() -> None:
    content = workbook(lambda sheet: sheet.append(["QTY", "=1+1", '=WEBSERVICE("http://x")']))

    assert read("usage.xlsx", content) == [["QTY"]]


def test_a_hundred_thousand_empty_rows_and_a_far_column_are_harmless() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["QTY"])
        sheet.cell(100_000, 16_384).value = "far"

    rows = open_cells("usage.xlsx", BytesIO(workbook(fill)))

    assert next(rows) == ["QTY"]
    assert all(not row for row in rows)


def test_a_workbook_that_unfolds_too_far_is_refused() -> None:
    content = archive({"xl/worksheets/sheet1.xml": bytes(33 << 20)})

    assert "larger than 33554432 bytes" in refusal("usage.xlsx", content)


def test_a_workbook_with_entities_that_unfold_without_end_is_refused() -> None:
    content = workbook(lambda sheet: sheet.append(["QTY"]))
    parts = {}
    with ZipFile(BytesIO(content)) as file:
        for name in file.namelist():
            parts[name] = file.read(name)
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = laughs + sheet

    text = "File Import Failed: The Excel file cannot be read"
    assert refusal("usage.xlsx", archive(parts)) == text


def test_an_old_workbook_is_read_in_the_same_way() -> None:
    content = Path(__file__).with_name("usage.xls").read_bytes()

    header, first, empty, second = read("usage.xls", content)

    assert header == HEADER
    assert first == ["A-1", "Token", "0.3", "2026-01-03T00:00:00", "", "", "", "TRUE"]
    assert empty == []
    assert second[:2] == ["1234", "Token"]
    assert read("file", content)[1] == first


@given(st.binary(max_size=600), st.integers(0, 4000))
def test_a_broken_old_workbook_is_refused_whatever_it_breaks(noise: bytes, place: int) -> None:
    content = Path(__file__).with_name("usage.xls").read_bytes()
    broken = content[:place] + noise

    assert "File Import Failed" in refusal("usage.xls", broken)


@pytest.mark.parametrize(
    ("name", "content"),
    [("file", CSV), ("file", zipped(usage_csv=CSV)), ("Usage.CSV", CSV)],
)
def test_a_file_without_a_suffix_is_known_by_its_first_bytes(name: str, content: bytes) -> None:
    assert read(name, content) == TABLE
