"""Reports are compared row by row, and written as files and tables."""

from datetime import date
from decimal import Decimal

from earned.domain.report_fields import row_fields
from earned.domain.report_text import to_csv, to_table
from earned.domain.reporting import Column, Kind, PeriodOf, Report, amount, compare

COLUMNS = (
    Column("currency", is_key=True),
    Column("name", is_key=True),
    Column("status", Kind.STATUS),
    Column("since", Kind.DAY),
    Column("count", Kind.COUNT),
    Column("amount", Kind.AMOUNT),
)
DAY = date(2026, 1, 1)


def month(name: str, status: str) -> Column:
    return Column(name, Kind.AMOUNT, period=PeriodOf(name, status, DAY, DAY))


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert [str(amount(5, code)) for code in ("JPY", "USD", "KWD", "UYW")] == [
        *("5", "0.05", "0.005", "0.0005"),
    ]


def test_each_number_gets_two_companions() -> None:
    now = Report("r", COLUMNS, [("USD", "a", "closed", DAY, 3, Decimal("10.00"))])
    then = Report("r", COLUMNS, [("USD", "a", "open", DAY, 1, Decimal("12.50"))])

    both = compare(now, then)

    assert row_fields(both, both.rows[0]) == {
        "currency": "USD",
        "name": "a",
        "status": "closed",
        "statusCompared": "open",
        "since": DAY,
        "count": 3,
        "countCompared": 1,
        "countChange": 2,
        "amount": Decimal("10.00"),
        "amountCompared": Decimal("12.50"),
        "amountChange": Decimal("-2.50"),
    }


def test_a_row_that_only_one_has_is_zero_in_the_other() -> None:
    now = Report("r", COLUMNS, [("JPY", "new", "open", DAY, 1, Decimal(7))])
    then = Report("r", COLUMNS, [("USD", "gone", "open", DAY, 2, Decimal("1.25"))])

    both = compare(now, then)

    figures = [(*row[:2], row[3], *(str(value) for value in row[5:])) for row in both.rows]
    assert figures == [
        ("JPY", "new", None, *("1", "0", "1", "7", "0", "7")),
        ("USD", "gone", "open", *("0", "2", "-2", "0.00", "1.25", "-1.25")),
    ]


def test_a_period_that_only_one_has_keeps_its_place() -> None:
    key = Column("currency", is_key=True)
    now = (key, month("Jan", "recognized"), month("Feb", "open"), month("Open-Ended", "open"))
    then = (key, month("Jan", "open"), month("Open-Ended", "open"))
    here = Report("r", now, [("USD", Decimal("1.00"), Decimal("2.00"), Decimal("0.00"))])
    there = Report("r", then, [("USD", Decimal("0.00"), Decimal("3.00"))])

    cells = row_fields(compare(here, there), compare(here, there).rows[0])["accountingPeriods"]
    reverse = compare(there, here)

    assert isinstance(cells, list)
    names = ("accountingPeriodName", "amount", "amountCompared", "amountChange", "statusCompared")
    assert [tuple(str(cell[name]) for name in names) for cell in cells] == [
        ("Jan", "1.00", "0.00", "1.00", "open"),
        ("Feb", "2.00", "0.00", "2.00", "None"),
        ("Open-Ended", "0.00", "3.00", "-3.00", "open"),
    ]
    assert [str(value) for value in reverse.rows[0]] == [
        *("USD", "0.00", "1.00", "-1.00", "0.00", "2.00", "-2.00", "3.00", "0.00", "3.00"),
    ]


def test_a_period_may_be_named_like_a_column() -> None:
    columns = (Column("currency", is_key=True), Column("amount", Kind.AMOUNT), month("amount", "x"))
    report = Report("r", columns, [("USD", Decimal("3.00"), Decimal("1.00"))])

    row = compare(report, report).rows[0]

    assert [str(value) for value in row[1:]] == [
        *("3.00", "3.00", "0.00"),
        *("1.00", "1.00", "0.00"),
    ]


def test_a_file_has_a_point_in_amounts_and_no_formulas() -> None:
    columns = (Column("name", is_key=True), month("Jan", "open"), Column("flag", Kind.FLAG))
    rows = [("=A1", Decimal("-1234.50"), True), ('say "hi", twice', Decimal("0E-2"), False)]

    assert to_csv(Report("r", columns, rows, [(None, Decimal("-1234.50"), None)])).split(
        "\r\n"
    ) == [
        "line,name,Jan (open),flag",
        "row,'=A1,-1234.50,true",
        'row,"say ""hi"", twice",0.00,false',
        "total,,-1234.50,",
        "",
    ]


def test_a_table_keeps_to_its_lines() -> None:
    columns = (Column("accountName", is_key=True), Column("units", Kind.UNITS))
    report = Report("r", columns, [("two\nlines\x1b[2J", Decimal("1000.500"))])

    assert list(to_table(report)) == [
        "account name    units",
        "-------------  ------",
        "two lines [2J  1000.5",
    ]
