"""`earned usage import` of large files, which are recorded in sets of rows, and of Parquet."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from earned.cli.exits import Exit
from earned.engine.usage_files.large import LARGE_BYTES
from earned.services.audit_books import audit_books
from tests import builders
from tests.api import Keeper
from tests.cli.conftest import Earned, answered, complaint, done

HEADER = "ACCOUNT_ID,UOM,QTY,STARTDATE,DESCRIPTION\n"
LONG = "x" * 190
ROWS = LARGE_BYTES // len(LONG)
ODD = [
    "A-2,Token,1,2026-01-03,\n",
    '"A-1",Token,many,2026-01-03,"a, b"\n',
    "A-1,Token,-2,01/04/2026,\n",
]


@pytest.fixture(autouse=True)
def _plan(keeper: Keeper) -> None:
    """Sell a plan that prepays 1,000 tokens in January to A-1."""
    with builders.writing(keeper) as books:
        plan = builders.prepaid_plan(books, units=1000, price=100, overage=2)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=1)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.csv"
    row = f"A-1,Token,0.5,2026-01-03T10:00:00Z,{LONG}\n"
    path.write_text("".join([HEADER, *[row] * ROWS, *ODD]), encoding="utf-8")
    return path


def totals(keeper: Keeper) -> tuple[object, ...]:
    """Return the number of records, what is left of the fund, and the overage."""
    with builders.writing(keeper) as books:
        (fund,) = books.funds.list()
        rated = books.rating_results.list()
        return books.usage.count(), fund.balance, sum((one.quantity for one in rated), Decimal(0))


def test_a_large_file_is_recorded_but_for_its_wrong_rows(
    earned_here: Earned, keeper: Keeper, large: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"

    answer = answered(
        earned_here("usage", "import", large, "--rejects", rejects, "--json"), Exit.PARTLY
    )

    assert (answer["rows"], answer["stored"], answer["refused"]) == (ROWS + 3, ROWS + 1, 2)
    assert totals(keeper) == (ROWS + 1, 0, Decimal(ROWS) / 2 - 1000 - 2)
    assert rejects.read_text(encoding="utf-8").splitlines()[1:] == [
        f"{ROWS + 2},ACCOUNT_ID,The ACCOUNT_ID does not match,A-2,Token,1,2026-01-03,",
        f"{ROWS + 3},QTY,'Quantity' value is invalid,A-1,Token,many,2026-01-03,\"a, b\"",
    ]
    done(earned_here("audit"))


def test_a_dry_run_of_a_large_file_stores_nothing(
    earned_here: Earned, keeper: Keeper, large: Path
) -> None:
    told = earned_here("usage", "import", large, "--dry-run")

    assert f"{ROWS + 1:,} would be stored" in told.stdout
    assert totals(keeper) == (0, 1000, 0)


def test_parquet_is_imported_once(earned_here: Earned, keeper: Keeper, tmp_path: Path) -> None:
    file = tmp_path / "usage.parquet"
    rows = "SELECT 'A-1', 'Token', 700.25::DECIMAL(9, 2), DATE '2026-01-03' + n::INTEGER"
    columns = "t(account_id, uom, tokens, startdate)"
    duckdb.sql(f"FROM ({rows} FROM range(2) r(n)) {columns}").write_parquet(str(file))

    first = answered(earned_here("usage", "import", file, "--column", "QTY=tokens", "--json"))
    again = answered(earned_here("usage", "import", file, "--column", "QTY=tokens", "--json"))

    assert (first["stored"], again["stored"], again["unchanged"]) == (2, 0, 2)
    assert totals(keeper) == (2, 0, Decimal("400.5"))


def test_rows_are_priced_one_by_one_where_records_are(
    earned_here: Earned, keeper: Keeper, tmp_path: Path
) -> None:
    with builders.writing(keeper) as books:
        plan = builders.prepaid_plan(books, uom="Call", units=1, price=10, overage="0.125")
        builders.sell(books, builders.account(books, number="A-2"), plan, months=1)
    keeper.settings(rate_usage_individually=True)
    file = tmp_path / "usage.parquet"
    rows = "SELECT 'A-2', 'Call', 1::DECIMAL(9, 2), DATE '2026-01-03' FROM range(4)"
    columns = "t(account_id, uom, qty, startdate)"
    duckdb.sql(f"FROM ({rows}) {columns}").write_parquet(str(file))

    assert answered(earned_here("usage", "import", file, "--json"))["stored"] == 4

    with builders.writing(keeper) as books:
        (rating,) = books.rating_results.list()
        assert (int(rating.quantity), rating.amount_minor, rating.is_individual) == (3, 39, True)
        assert list(audit_books(books, Counter())) == []


def test_what_only_claims_to_be_parquet_is_refused(earned_here: Earned, tmp_path: Path) -> None:
    file = tmp_path / "usage.parquet"
    file.write_text(HEADER, encoding="utf-8")

    told = earned_here("usage", "import", file)

    assert "usage.parquet cannot be read" in complaint(told, Exit.REFUSED)
