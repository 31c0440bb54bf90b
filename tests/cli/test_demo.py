"""`earned demo`: the same story on any day and both databases, told once, and gone on with."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from earned.cli.exits import Exit
from earned.cli.story.books import CLIENT_ID, CLIENT_SECRET
from earned.cli.story.customers import CUSTOMERS, Customer
from earned.cli.story.months import OVER, PERIODS, Months
from earned.cli.story.usage import expected_records, lanes, records_of
from tests import builders
from tests.api import Api, serving
from tests.cli.conftest import Earned, answered, complaint, done, runner
from tests.conftest import DIALECTS

TOTALS = {
    "AERO": ("EUR", "103744.00", "129532.00", "6724.00", "240000.00"),
    "HARBOR": ("USD", "2711.63", "3134.69", "6453.68", "12300.00"),
    "KUMO": ("JPY", "91044", "109281", "207367", "407692"),
    "NIMBUS": ("USD", "2277.82", "3836.14", "6704.43", "12818.39"),
}
# By account, in the order of the funds: drawn, left, earned, overage, rated.
FUNDS = {
    "AERO": [("291.595", "8.405", "233276.00", "0", "0")],
    "HARBOR": [
        ("861461", "138539", "861.46", "0", "0"),
        ("933402", "66598", "933.40", "0", "0"),
        ("916765", "83235", "916.77", "0", "0"),
        ("927739", "72261", "927.74", "0", "0"),
        ("1000000", "0", "1000.00", "0", "0"),
        ("159200", "90800", "191.04", "0", "0"),
        ("984450", "15550", "984.45", "0", "0"),
        ("31463", "968537", "31.46", "0", "0"),
    ],
    "KUMO": [
        ("8194", "806", "91044", "0", "0"),
        ("9000", "0", "100000", "641", "7692"),
        ("143", "8857", "1589", "0", "0"),
    ],
    "NIMBUS": [
        ("654704", "345296", "654.70", "0", "0"),
        ("752582", "247418", "752.58", "0", "0"),
        ("870540", "129460", "870.54", "0", "0"),
        ("975703", "24297", "975.70", "0", "0"),
        ("1000000", "0", "1000.00", "94988", "142.48"),
        ("1000000", "0", "1000.00", "250606", "375.91"),
        ("42045", "957955", "42.05", "0", "0"),
    ],
}
# Nimbus by accounting period: 42.00 of the first month came after its close, 142.48 and 375.91 are
# overage, 300.00 by hand.
NIMBUS = [
    ("Closed", "612.70"),
    ("Closed", "752.58"),
    ("Closed", "912.54"),
    ("Open", "975.70"),
    ("Open", "1142.48"),
    ("Open", "1375.91"),
    ("Open", "142.05"),
    ("Open", "200.00"),
    ("Open", "6704.43"),
]

DAYS = [date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1), date(2026, 8, 31)]
PATIENCE = 60

Process = subprocess.Popen[str]


@dataclass(frozen=True)
class ToldBooks:
    """A database with the demonstration in it, and what the command said when it made it."""

    url: str
    answer: dict[str, Any]
    copy: Callable[[Path], Any]

    @property
    def earned(self) -> Earned:
        return runner(self.url)


@pytest.fixture(scope="module", params=DIALECTS)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ToldBooks]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("told") / "told.db"
        yield ToldBooks(f"sqlite:///{path}", tell(f"sqlite:///{path}"), copy_of(path))
        return
    postgres = request.getfixturevalue("postgres")
    with postgres.database() as name:
        url = postgres.url(name)
        yield ToldBooks(url, tell(url), lambda _: copied(postgres, name))


def tell(url: str) -> dict[str, Any]:
    return answered(runner(url)("demo", "--json"))


def copy_of(path: Path) -> Callable[[Path], Any]:
    @contextmanager
    def copy(directory: Path) -> Iterator[str]:
        yield f"sqlite:///{shutil.copy(path, directory / 'copy.db')}"

    return copy


@contextmanager
def copied(postgres: Any, name: str) -> Iterator[str]:
    with postgres.database(name) as copy:
        yield postgres.url(copy)


def test_the_funds_are_the_same_on_any_day(told: ToldBooks) -> None:
    assert told.answer["played"] is True
    for account, expected in FUNDS.items():
        lines = [line for line in told.answer["funds"] if line["account"] == account]
        names = ("drawn", "left", "earned", "overage", "rated")
        assert [tuple(line[name] for name in names) for line in lines] == expected


def test_revenue_is_recognised_deferred_and_sold(told: ToldBooks) -> None:
    names = ("currency", "recognised", "earned_not_closed", "deferred", "sold")

    found = {sums["account"]: tuple(sums[name] for name in names) for sums in told.answer["totals"]}

    assert found == TOTALS
    for _, *amounts, sold in TOTALS.values():
        assert sum(map(Decimal, amounts)) == Decimal(sold)


def test_late_revenue_is_in_the_next_open_period(told: ToldBooks) -> None:
    amounts = told.answer["revenueByPeriod"]

    nimbus = [(row["status"], row["amount"]) for row in amounts if row["account"] == "NIMBUS"]

    assert nimbus == NIMBUS


def test_the_journal_has_what_the_closed_months_recognise(told: ToldBooks) -> None:
    """861.46 + 612.70 of the first month, and 42.00 of it that came late in the third."""
    lines = told.answer["journal"]

    dollars = [(line["amount"], line["credit"]) for line in lines if line["currency"] == "USD"]
    assert dollars == [
        ("1474.16", "Token Revenue"),
        ("1685.98", "Token Revenue"),
        ("1829.31", "Token Revenue"),
    ]
    recognised = sum(Decimal(total[1]) for total in TOTALS.values() if total[0] == "USD")
    assert sum(Decimal(amount) for amount, _ in dollars) == recognised


def test_it_ties_out(told: ToldBooks) -> None:
    assert [(tie["count"], tie["broken"]) for tie in told.answer["ties"]] == [
        (30, []),
        (30, []),
        (3, []),
        (34, []),
        (9, []),
        (4, []),
    ]
    assert answered(told.earned("audit", "--json"))["clean"] is True


def test_it_is_told_once(told: ToldBooks) -> None:
    again = tell(told.url)

    assert again == {**told.answer, "played": False}


def test_it_prints_tables(told: ToldBooks) -> None:
    lines = done(told.earned("demo")).splitlines()

    assert lines[0].startswith("The demonstration is in ")
    assert " ".join(next(line for line in lines if "8.405" in line).split()).endswith(
        "300 291.595 8.405 240,000.00 233,276.00 - -"
    )
    assert any(line.split()[:1] == ["Recognised"] and "103,744.00" in line for line in lines)
    assert "  34 of 34  amount of a revenue schedule = its items" in lines


def test_what_is_printed_works_when_it_is_pasted(told: ToldBooks, tmp_path: Path) -> None:
    with told.copy(tmp_path) as url, served(url) as (process, lines):
        shown = dict(line.split(maxsplit=2)[1:] for line in lines if line.startswith("  Client "))
        commands = lines[lines.index("# Get a token") :]

        usage, regenerated, scheduled, *report, explained = pasted(commands)

        assert shown == {"id": CLIENT_ID, "secret": CLIENT_SECRET}
        assert json.loads(usage)["Success"] is True
        assert json.loads(regenerated) == {"success": True}
        made = {"revenueScheduleNumber": "RS-00000035", "success": True}
        assert json.loads(scheduled) == made
        assert report[0].startswith("line,currency,deferredRevenueAccountingCode")
        assert json.loads(explained)["success"] is True
        assert "JE-00000001" in explained
        process.send_signal(signal.SIGINT)
        assert process.wait() == Exit.DONE

        after = [line for line in tell(url)["funds"] if line["account"] == "NIMBUS"]
        assert after[-1]["drawn"] == "42054"


def pasted(commands: list[str]) -> list[str]:
    """Run lines as they are; return what they print, but for empty lines."""
    run = subprocess.run(
        ["bash", "-u"],  # noqa: S607 - Whichever bash there is.
        input="\n".join(commands),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return [line for line in run.stdout.splitlines() if line]


@contextmanager
def served(database_url: str) -> Iterator[tuple[Process, list[str]]]:
    """Run `earned demo --serve`; lend its process and what it said when it had started."""
    with started(database_url, "--serve", "--port", "0") as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if "/v1/explain" in line or line.startswith("Sign in"):
                break
        yield process, lines


@contextmanager
def started(database_url: str, *arguments: str) -> Iterator[Process]:
    command = [sys.executable, "-m", "earned", "demo", *arguments]
    environment = {"EARNED_DATABASE_URL": database_url, "EARNED_LOG_LEVEL": "error"}
    with subprocess.Popen(  # noqa: S603 - The command is ours.
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_goes_on_where_it_was_interrupted(empty_sqlite_url: str) -> None:
    with started(empty_sqlite_url) as process:
        assert process.stdout
        assert any(line.startswith("customers") for line in process.stdout)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate()
    assert (process.returncode, complaints) == (Exit.INTERRUPTED, "Stopped.\n")

    answer = tell(empty_sqlite_url)

    assert answer["played"] is True
    assert {sums["account"]: sums["sold"] for sums in answer["totals"]} == {
        account: totals[-1] for account, totals in TOTALS.items()
    }
    assert [tie["broken"] for tie in answer["ties"]] == [[]] * 6


def test_other_books_are_left_as_they_are(api: Api, earned_here: Earned) -> None:
    with builders.writing(api) as books:
        builders.account(books)

    assert answered(earned_here("demo", "--json"))["demonstration"] is False
    said = done(earned_here("demo"))

    assert said.startswith("There are other books in ")
    with builders.writing(api) as books:
        assert books.accounts.count() == 1
        assert books.products.count() == 0


def test_other_books_are_served(migrated_sqlite_url: str) -> None:
    with serving(migrated_sqlite_url) as api, builders.writing(api) as books:
        builders.account(books)

    with served(migrated_sqlite_url) as (process, lines):
        assert lines[-1].startswith("Sign in with a client of yours")
        process.send_signal(signal.SIGTERM)
        assert process.wait() == Exit.DONE


def test_a_demonstration_with_a_secret_of_its_own_is_left_alone(empty_sqlite_url: str) -> None:
    earned = runner(empty_sqlite_url)
    with started(empty_sqlite_url) as process:
        assert process.stdout
        assert any(line.startswith("catalog") for line in process.stdout)
        process.kill()
    done(earned("init", "--client-id", CLIENT_ID, "--client-secret", "mine", "--rotate"))

    said = done(earned("demo"))

    assert said.startswith("The demonstration in ")
    assert " has another client secret" in said.splitlines()[0]


def test_a_port_in_use_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there.db"
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = runner(f"sqlite:///{path}")("demo", "--serve", "--port", port)

    assert complaint(result, Exit.SET_UP) == (
        f"Cannot listen on 127.0.0.1 port {port}: Address already in use.\n"
        "Choose another address with --host and --port; --port 0 takes a free port.\n"
    )
    assert not path.exists()


@pytest.mark.parametrize("today", DAYS)
def test_twelve_periods_follow_one_another_and_today_is_in_the_seventh(today: date) -> None:
    months = Months.before(today)

    periods = [months.period(month) for month in range(PERIODS)]

    assert str(periods[OVER]["startDate"]) <= today.isoformat() <= str(periods[OVER]["endDate"])
    for before, after in pairwise(periods):
        end = date.fromisoformat(str(before["endDate"]))
        assert date.fromordinal(end.toordinal() + 1).isoformat() == after["startDate"]
    assert len({period["name"] for period in periods}) == PERIODS


@pytest.mark.parametrize("customer", CUSTOMERS, ids=lambda customer: customer.number)
def test_quantities_do_not_depend_on_the_day(customer: Customer) -> None:
    told_on = [quantities(customer, Months.before(today)) for today in DAYS]

    assert all(told == told_on[0] for told in told_on)


def test_all_records_are_different_so_that_each_is_sent_once() -> None:
    months = Months.before(DAYS[0])
    bodies = [
        json.dumps(body, default=str)
        for lane in lanes()
        for month in lane.months
        for body in records(lane.customer, month, months)
    ]

    assert len(set(bodies)) == len(bodies) == expected_records() == 2451


def quantities(customer: Customer, months: Months) -> list[list[object]]:
    return [
        [body["Quantity"] for body in records(customer, month, months)] for month in range(OVER + 1)
    ]


def records(customer: Customer, month: int, months: Months) -> list[dict[str, object]]:
    charges = {name: {"number": name} for name in customer.charges}
    return list(records_of(customer, month, months, charges))
