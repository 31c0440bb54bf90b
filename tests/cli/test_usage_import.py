"""`earned usage import` records usage from other people's files."""

import csv
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earned.cli.exits import Exit
from tests import builders
from tests.api import Keeper
from tests.cli.conftest import Earned, answered, complaint, done
from tests.http.uploads import left, sell_40_tokens, stored
from tests.periods import close, define

TRACE = """\
TIMESTAMP,ContextTokens,GeneratedTokens
2026-01-16 18:17:03.9799600,4808,10
2026-01-16 18:17:04.0319600,3180,8
2026-01-16 18:17:04.0781490,110,27
"""
MAPPED = ("--column", "QTY=GeneratedTokens", "--column", "STARTDATE=TIMESTAMP")
CONSTANT = ("--set", "ACCOUNT_ID=A-1", "--set", "UOM=Token")


@pytest.fixture(autouse=True)
def _plan(keeper: Keeper) -> None:
    sell_40_tokens(keeper)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return written(tmp_path / "trace.csv", TRACE)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_with_other_names_is_imported(
    earned_here: Earned, keeper: Keeper, trace: Path
) -> None:
    text = done(earned_here("usage", "import", trace, *MAPPED, *CONSTANT))

    assert "3 rows: 3 stored, 0 changed, 0 already there, 0 refused." in text
    assert "Columns not used: ContextTokens." in text
    assert [record.quantity for record in stored(keeper)] == [10, 8, 27]
    first = stored(keeper)[0]
    assert first.start_date_time.isoformat() == "2026-01-16T18:17:03.979960+00:00"
    assert (first.source_type, first.file_name) == ("Import", "trace.csv")


def test_imported_usage_is_drawn_down_in_file_order(
    earned_here: Earned, keeper: Keeper, trace: Path
) -> None:
    done(earned_here("usage", "import", trace, *MAPPED, *CONSTANT))

    assert left(keeper) == 0
    with builders.writing(keeper) as books:
        guided = books.guided_usage.list(order_by=["id"])
    assert [one.remaining_quantity for one in guided] == [0, 0, 5]
    assert answered(earned_here("audit", "--json"))["clean"] is True


def test_columns_of_the_same_name_need_no_mapping(
    earned_here: Earned, keeper: Keeper, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "usage.csv",
        "﻿account_id;UOM;Qty;STARTDATE;ENDDATE;DESCRIPTION;UNIQUE_KEY;team__c\n"
        'A-1;Token;1.5;2026-01-03;2026-01-04T12:00:00Z;"one; and a half";key-1;blue\n',
    )

    done(earned_here("usage", "import", file, "--delimiter", ";"))

    (record,) = stored(keeper)
    assert record.quantity == Decimal("1.5")
    assert record.description == "one; and a half"
    assert record.unique_key == "key-1"
    assert record.custom_fields == {"team__c": "blue"}
    assert record.end_date_time is not None


def test_a_charge_and_a_subscription_are_named_by_number(
    earned_here: Earned, keeper: Keeper, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "usage.csv",
        "ACCOUNT_ID,UOM,QTY,STARTDATE,SUBSCRIPTION_ID,CHARGE_ID\n"
        "A-1,Token,1,2026-01-03,A-S00000001,C-00000002\n",
    )

    done(earned_here("usage", "import", file))

    (record,) = stored(keeper)
    assert (record.subscription_number, record.charge_number) == ("A-S00000001", "C-00000002")


def test_importing_again_changes_nothing(earned_here: Earned, keeper: Keeper, trace: Path) -> None:
    done(earned_here("usage", "import", trace, *MAPPED, *CONSTANT))
    before = stored(keeper)

    again = answered(earned_here("usage", "import", trace, *MAPPED, *CONSTANT, "--json"))

    assert (again["stored"], again["changed"], again["unchanged"]) == (0, 0, 3)
    assert stored(keeper) == before


def test_a_renamed_copy_is_the_same_import(
    earned_here: Earned, keeper: Keeper, trace: Path
) -> None:
    done(earned_here("usage", "import", trace, *MAPPED, *CONSTANT))
    copy = written(trace.with_name("copy.csv"), TRACE)

    again = answered(earned_here("usage", "import", copy, *MAPPED, *CONSTANT, "--json"))

    assert again["unchanged"] == 3
    assert len(stored(keeper)) == 3


def test_another_column_of_the_file_is_another_import(
    earned_here: Earned, keeper: Keeper, trace: Path
) -> None:
    done(earned_here("usage", "import", trace, *MAPPED, *CONSTANT))
    other = ("--column", "QTY=ContextTokens", "--column", "STARTDATE=TIMESTAMP")

    done(earned_here("usage", "import", trace, *other, *CONSTANT))

    assert [record.quantity for record in stored(keeper)] == [10, 8, 27, 4808, 3180, 110]


def test_a_row_that_was_mended_is_changed_under_its_own_key(
    earned_here: Earned, keeper: Keeper, tmp_path: Path
) -> None:
    header = "ACCOUNT_ID,UOM,QTY,STARTDATE,UNIQUE_KEY\n"
    file = written(tmp_path / "usage.csv", header + "A-1,Token,3,2026-01-03,a\n")
    done(earned_here("usage", "import", file))
    written(file, header + "A-1,Token,4,2026-01-03,a\n")

    answer = answered(earned_here("usage", "import", file, "--json"))

    assert (answer["stored"], answer["changed"]) == (0, 1)
    assert left(keeper) == 36


def test_without_unique_keys_importing_again_counts_again(
    earned_here: Earned, keeper: Keeper, trace: Path
) -> None:
    for _ in range(2):
        done(earned_here("usage", "import", trace, *MAPPED, *CONSTANT, "--no-unique-key"))

    assert len(stored(keeper)) == 6
    assert {record.unique_key for record in stored(keeper)} == {None}


def test_a_dry_run_stores_nothing(earned_here: Earned, keeper: Keeper, trace: Path) -> None:
    text = done(earned_here("usage", "import", trace, *MAPPED, *CONSTANT, "--dry-run"))

    assert "3 would be stored" in text
    assert stored(keeper) == []
    assert left(keeper) == 40


BAD = """\
ACCOUNT_ID,UOM,used,STARTDATE
A-1,Token,1,2026-01-03
A-1,Token,,2026-01-03
A-2,Token,1,2026-01-03
A-1,Token,many,2026-01-03
A-1,Token,1,yesterday

A-1,Token,2,2026-01-04
A-1,Token,1
"""
REFUSED = [
    ("3", "used", "The QTY is missing"),
    ("4", "ACCOUNT_ID", "The ACCOUNT_ID does not match"),
    ("5", "used", "'Quantity' value is invalid"),
    ("6", "STARTDATE", "The STARTDATE format is invalid"),
    ("9", "STARTDATE", "The STARTDATE is missing"),
]


def test_bad_rows_are_refused_and_good_ones_stored(
    earned_here: Earned, keeper: Keeper, tmp_path: Path
) -> None:
    file = written(tmp_path / "bad.csv", BAD)

    told = earned_here("usage", "import", file, "--column", "QTY=used")

    assert told.exit_code == Exit.PARTLY
    assert "7 rows: 2 stored, 0 changed, 0 already there, 5 refused." in told.stdout
    for number, column, reason in REFUSED:
        assert f"  row {number}: {reason} ({column})\n" in told.stdout
    assert [record.quantity for record in stored(keeper)] == [1, 2]


def test_refusals_are_summed_up_by_reason(earned_here: Earned, tmp_path: Path) -> None:
    file = written(tmp_path / "bad.csv", BAD + "A-3,Token,1,2026-01-03\n" * 30)

    answer = answered(
        earned_here("usage", "import", file, "--column", "QTY=used", "--json"), Exit.PARTLY
    )

    assert answer["refused"] == 35
    assert answer["reasons"][0] == {
        "column": "ACCOUNT_ID",
        "reason": "The ACCOUNT_ID does not match",
        "rows": 31,
    }
    text = earned_here("usage", "import", file, "--column", "QTY=used").stdout
    assert "  and 15 more; --rejects FILE writes them all" in text
    assert "        31  The ACCOUNT_ID does not match (ACCOUNT_ID)" in text


def test_rejects_can_be_mended_and_imported(
    earned_here: Earned, keeper: Keeper, tmp_path: Path
) -> None:
    file, rejects = written(tmp_path / "bad.csv", BAD), tmp_path / "rejects.csv"
    earned_here("usage", "import", file, "--column", "QTY=used", "--rejects", rejects)
    with rejects.open(encoding="utf-8", newline="") as lines:
        header, *rows = list(csv.reader(lines))

    assert header == [
        *("REFUSED_ROW", "REFUSED_COLUMN", "REFUSED_REASON"),
        *("ACCOUNT_ID", "UOM", "used", "STARTDATE"),
    ]
    assert [tuple(row[:3]) for row in rows] == REFUSED
    mended = rejects.read_text().replace("A-2", "A-1").replace("many", "3")
    written(rejects, mended)
    answer = answered(
        earned_here("usage", "import", rejects, "--column", "QTY=used", "--json"), Exit.PARTLY
    )
    assert (answer["stored"], answer["refused"]) == (2, 3)
    assert [record.quantity for record in stored(keeper)] == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Nothing fills ACCOUNT_ID, UOM, QTY, STARTDATE. The file has the columns TIMESTAMP,"),
        (("--column", "QTY=Tokens"), "There is no column 'Tokens' in the file. It has TIMESTAMP,"),
        (("--column", "QUANTITY=ContextTokens"), "There is no column 'QUANTITY' in a usage record"),
        (
            ("--column", "QTY=ContextTokens", "--set", "QTY=1"),
            "QTY is given by both --column and --set.",
        ),
    ],
)
def test_a_layout_that_cannot_be_is_refused(
    earned_here: Earned, trace: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert message in complaint(earned_here("usage", "import", trace, *arguments), Exit.REFUSED)


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        ("", "bad.csv has no header."),
        ("QTY,QTY\n1,2\n", "bad.csv has the column 'QTY' twice."),
        ("UOM,QTY,STARTDATE\n" + "x" * 200_000, "bad.csv cannot be read any further"),
        ('UOM,QTY,STARTDATE\nToken,1,"2026-01-03\nToken,1,2026-01-04\n', "unexpected end of data"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    earned_here: Earned, tmp_path: Path, contents: str, message: str
) -> None:
    file = written(tmp_path / "bad.csv", contents)

    refused = earned_here("usage", "import", file, "--set", "ACCOUNT_ID=A-1")

    assert message in complaint(refused, Exit.REFUSED)


def test_a_file_in_another_encoding_is_refused(earned_here: Earned, tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes(BAD.replace("many", "zwölf").encode("latin-1"))

    refused = earned_here("usage", "import", file, "--column", "QTY=used")

    assert "It should be CSV in UTF-8." in complaint(refused, Exit.REFUSED)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--column", "QTY"),
        ("--column", "QTY="),
        ("--set", "UOM=a", "--set", "UOM=b"),
        ("--delimiter", ";;"),
    ],
)
def test_wrong_words_are_wrong_usage(
    earned_here: Earned, trace: Path, arguments: tuple[str, ...]
) -> None:
    complaint(earned_here("usage", "import", trace, *arguments), Exit.USAGE)


def test_rejects_may_not_overwrite_the_file(earned_here: Earned, trace: Path) -> None:
    refused = earned_here("usage", "import", trace, *MAPPED, *CONSTANT, "--rejects", trace)

    assert "should be another file" in complaint(refused, Exit.REFUSED)
    assert trace.read_text() == TRACE


def test_many_rows_go_in_groups(earned_here: Earned, keeper: Keeper, tmp_path: Path) -> None:
    file = long_file(tmp_path, 2_500)

    answer = answered(earned_here("usage", "import", file, "--json"))

    assert (answer["stored"], answer["lastRow"]) == (2_500, 2_501)
    moments = [record.created_at for record in stored(keeper)]
    assert [moments.count(moment) for moment in sorted(set(moments))] == [1000, 1000, 500]


def long_file(tmp_path: Path, rows: int) -> Path:
    header = "ACCOUNT_ID,UOM,QTY,STARTDATE\n"
    return written(tmp_path / "long.csv", header + "A-1,Token,0.01,2026-01-03\n" * rows)


def test_ctrl_c_ends_between_groups_and_can_be_gone_on_from(
    earned_here: Earned, keeper: Keeper, migrated_database_url: str, tmp_path: Path
) -> None:
    file = long_file(tmp_path, 30_000)

    with importing(file, migrated_database_url) as process:
        while count(keeper) == 0:
            assert process.poll() is None, "the import ended before it could be stopped"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()

    kept = count(keeper)
    assert process.returncode == Exit.INTERRUPTED
    assert kept % 1_000 == 0
    assert 0 < kept < 30_000
    assert f"everything up to row {kept + 1} is done." in errors
    rest = answered(earned_here("usage", "import", file, "--json"))
    assert (rest["unchanged"], rest["stored"]) == (kept, 30_000 - kept)
    assert count(keeper) == 30_000


def count(keeper: Keeper) -> int:
    with builders.writing(keeper) as books:
        return books.usage.count()


@contextmanager
def importing(file: Path, database_url: str) -> Iterator[Any]:
    """Import in a process of its own."""
    command = [sys.executable, "-m", "earned", "usage", "import", str(file)]
    environment = {"EARNED_DATABASE_URL": database_url}
    with subprocess.Popen(  # noqa: S603 - the command is ours.
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process


def test_rows_dated_in_a_closed_period_are_refused_where_the_entity_says_so(
    earned_here: Earned, keeper: Keeper, trace: Path
) -> None:
    keeper.settings(allow_usage_in_closed_period=False)
    with builders.writing(keeper) as books:
        define(books, "Early", date(2026, 1, 1), date(2026, 1, 16))
        close(books, "Early")
    late = written(trace.with_name("late.csv"), f"{TRACE}2026-01-17 00:00:00,1,5\n")

    refused = earned_here("usage", "import", late, *MAPPED, *CONSTANT, "--json")

    answer = answered(refused, Exit.PARTLY)
    assert (answer["stored"], answer["refused"]) == (1, 3)
    assert "Usage cannot be imported into a closed accounting period" in str(answer["reasons"])
    assert [record.quantity for record in stored(keeper)] == [5]
