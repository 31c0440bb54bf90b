"""What statements read of a file's rows is what the services read of them, one by one."""

from datetime import UTC
from pathlib import Path

import pytest

from earned.domain.errors import EarnedError
from earned.domain.usage_columns import Layout, places_of
from earned.engine.bulk.checking import Sheet, check_rows
from earned.engine.bulk.desk import open_desk
from earned.engine.bulk.spooling import is_plain, spool_cells
from earned.engine.bulk.whole import QUANTITY_PLACES, unscaled
from earned.services.record_usage import read_fields
from earned.services.resolve_usage import Resolver
from tests.property.shop import Shop, make_template

HEADER = ("ACCOUNT_ID", "UOM", "QTY", "STARTDATE", "ENDDATE")
STARTS = [
    *("2026-01-31", "2026-01-31T23:30", "2026-01-31 23:30:00", "2026-01-31T23:30:00.1234567"),
    *("2026-01-31T23:30:00Z", "2026-01-31T23:30:00-05:00", "2026-01-31T00:30:00+09:30"),
    *("2026-03-08T01:59:59", "2026-03-08T02:30:00", "2026-03-08T03:00:00", "2026-11-01T01:30:00"),
    *("2026-03-07T23:59:59", "2026-03-09", "2026-11-01", "2026-11-02T05:00:00Z", "1999-12-31"),
    *("01/31/2026", "31/01/2026", "1/2/2026", "01/31/2026 10:30", "01/31/2026T10:30:15", "now"),
    *("2026-02-29", "2024-02-29", "2026-01-31T24:00", "2026-01-31T10", "20260131", "1026-01-31"),
    *("2026-01-31T10:30:00.123456+01:00", "2026-01-31T10:30+01:00", " 2026-01-31", "2026-W05-6"),
]
QUANTITIES = [
    *("0", "007", "12.50", "0.000000001", "9999999999999.999999999", "10000000000000", "1e3"),
    *("0.0000000001", "+1", "-1", ".5", "5.", "1,5", " 2 ", "", "NaN", "\u0663", "1_0"),
]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_dates_and_quantities_are_read_alike(
    sqlite_template: Path, tmp_path: Path, zone: str
) -> None:
    rows = [["A00000001", "Token", "1", start, ""] for start in STARTS]
    rows += [["A00000001", "Token", quantity, "2026-01-03", ""] for quantity in QUANTITIES]
    rows += [["A00000001", "Token", "1", "2026-01-03T10:00:00", end] for end in STARTS]
    sheet = Sheet(Layout(HEADER, places_of(HEADER), {}), "usage.csv")
    shop = Shop(make_template(sqlite_template, tmp_path / "template.db"), tmp_path / "shop.db")

    with open_desk() as desk, shop.writing(structural=True) as books:
        books.change_settings({"time_zone": zone})
        spool_cells(desk, enumerate(rows, start=2), len(HEADER))
        checked = check_rows(desk, books, sheet, 2, len(rows) + 1)
        read = desk.rows("SELECT row, quantity, start_utc, end_utc, day FROM good ORDER BY row")
        expected, refused, resolver = [], {}, Resolver(books)
        for number, cells in enumerate(rows, start=2):
            try:
                fields = read_fields(books, resolver, sheet.command(number, cells))
            except EarnedError as refusal:
                refused[number] = str(refusal)
            else:
                start, end = fields.start_date_time, fields.end_date_time
                day = start.astimezone(books.settings.zone).date()
                expected.append((number, fields.quantity, start, end, day))
    shop.application.close()

    assert {number: str(refusal) for number, refusal in checked.refused} == refused
    assert [
        (
            number,
            unscaled(quantity, QUANTITY_PLACES),
            start.replace(tzinfo=UTC),
            end and end.replace(tzinfo=UTC),
            day,
        )
        for number, quantity, start, end, day in read
    ] == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n3,4", True),
        (b"a,b\r\n1,2\r\n", True),
        ("a,b\n1,\u00e9\n".encode(), True),
        (b'a,b\n"1",2\n', False),
        (b"a,b\n\n1,2\n", False),
        (b"a,b\n1,2\n\n", False),
        (b"a,b\r1,2\r", False),
        (b"\na,b\n", False),
        (b"\xef\xbb\xbfa,b\n", False),
        (b"a,b\n1,\xff\n", False),
        ("a,b\n1,\U0001f600\n".encode(), False),
        (b"a,b\n1,\0\n", False),
        (b'a,b\n1,2"', False),
    ],
)
def test_csv_is_plain_or_read_by_python(tmp_path: Path, content: bytes, expected: bool) -> None:  # noqa: FBT001 - A literal of the table.
    path = tmp_path / "usage.csv"
    path.write_bytes(content)

    assert is_plain(path) is expected
