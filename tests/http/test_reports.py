"""Reports over the wire, with the numbers of R 10.4 and R 11."""

from datetime import date
from typing import Any

import pytest

from earned.services.credit_fund import CreditFund, credit_fund
from earned.services.expire_funds import expire_through
from tests import builders, reports
from tests.api import Api
from tests.builders import Sold, writing
from tests.periods import define_months
from tests.reports import (
    OBLIGATIONS,
    RECOGNIZED,
    ROLL_FORWARD,
    WATERFALL,
    ask,
    cells,
    change_period,
    close,
    complaint,
    file,
    moment,
    reopen,
    rows,
    schedule,
    use,
)

JAN, FEB, MAR, REST = "Jan'2026", "Feb'2026", "Mar'2026", "Open-Ended"
FLOWS = (
    *("accountingPeriodName", "opening", "additions", "recognizedByDrawdown"),
    *("recognizedBySchedule", "breakage", "credits", "closing"),
)
CHECKS = ("accountingPeriodName", "status", "closing", "unrecognized", "difference")


@pytest.fixture(autouse=True)
def _codes(api: Api) -> None:
    """Define January and February 2026, and accounting codes."""
    with writing(api) as books:
        define_months(books, 2026, 1, 2)
        reports.add_codes(
            books,
            Prepayments="DeferredRevenue",
            Projects="DeferredRevenue",
            Usage="SalesRevenue",
            Services="OtherRevenue",
        )


def sell_prepaid(api: Api, **changes: Any) -> Sold:
    """Sell 10,000 tokens of January for 1,200.00: 0.12 a token (row T45)."""
    codes: dict[str, Any] = {
        "deferred_revenue_account": "Prepayments",
        "recognized_revenue_account": "Usage",
    }
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan, units=10_000, price=1200, **codes)
        builders.drawdown_charge(books, plan)
        return builders.sell(books, builders.account(books, **changes), plan, months=1)


def sell_project(api: Api, currency: str = "USD", **changes: Any) -> str:
    """Sell a project whose revenue schedules are made by hand; return the id of its charge."""
    codes: dict[str, Any] = {
        "deferred_revenue_account": "Projects",
        "recognized_revenue_account": "Services",
        "tiers": builders.prices(300, currency),
    }
    with writing(api) as books:
        plan = builders.rate_plan(books, f"Projects in {currency}")
        builders.unlimited_charge(books, plan, **codes)
        customer = builders.account(books, currency=currency, **changes)
        return builders.sell(books, customer, plan).charge("Project").id


def test_r_t52_the_roll_forward_ends_at_what_is_left_of_the_fund(api: Api) -> None:
    sell_prepaid(api)
    use(api, 3333, "2026-01-10")
    close(api, JAN)

    found = ask(api, ROLL_FORWARD, to=JAN)

    numbers = {
        "opening": "0.00",
        "additions": "1200.00",
        "recognizedByDrawdown": "399.96",
        "recognizedBySchedule": "0.00",
        "breakage": "0.00",
        "credits": "0.00",
        "closing": "800.04",
        "unrecognized": "800.04",
        "difference": "0.00",
        "unrecognizedInPeriod": "0.00",
    }
    code = {
        "currency": "USD",
        "deferredRevenueAccountingCode": "Prepayments",
        "deferredRevenueAccountingCodeType": "DeferredRevenue",
        "accountingPeriodName": JAN,
        "status": "closed",
    }
    assert found == {
        "report": "roll-forward",
        "asOf": None,
        "compareTo": None,
        "rows": [{**code, **numbers}],
        "totals": [{**dict.fromkeys(code), "currency": "USD", **numbers}],
        "success": True,
    }


def test_each_period_opens_with_what_the_one_before_closed_with(api: Api) -> None:
    sell_prepaid(api)
    charge = sell_project(api)
    schedule(api, charge, "300", "2026-02-01", {JAN: "100", FEB: "150", REST: "50"})
    use(api, 1000, "2026-01-10")
    close(api, JAN)
    use(api, 500, "2026-01-20")  # Late, so February's.
    close(api, FEB)

    assert rows(api, ROLL_FORWARD, "deferredRevenueAccountingCode", *FLOWS) == [
        ("Prepayments", JAN, "0.00", "1200.00", "120.00", "0.00", "0.00", "0.00", "1080.00"),
        # Recognised in January before it is booked in February: a contract asset.
        ("Projects", JAN, "0.00", "0.00", "0.00", "100.00", "0.00", "0.00", "-100.00"),
        ("Prepayments", FEB, "1080.00", "0.00", "60.00", "0.00", "0.00", "0.00", "1020.00"),
        ("Projects", FEB, "-100.00", "300.00", "0.00", "150.00", "0.00", "0.00", "50.00"),
    ]
    (total,) = ask(api, ROLL_FORWARD)["totals"]
    assert [total[name] for name in FLOWS[1:]] == [
        *("0.00", "1500.00", "180.00", "250.00", "0.00", "0.00", "1070.00"),
    ]
    assert {row[-1] for row in rows(api, ROLL_FORWARD, *CHECKS)} == {"0.00"}


def test_an_open_period_takes_nothing_from_what_is_deferred(api: Api) -> None:
    charge = sell_project(api)
    schedule(api, charge, "300", "2026-01-05", {JAN: "100", FEB: "200"})

    assert rows(api, ROLL_FORWARD, *CHECKS, "unrecognizedInPeriod") == [
        (JAN, "open", "300.00", "300.00", "0.00", "100.00"),
        (FEB, "open", "300.00", "300.00", "0.00", "200.00"),
    ]


def test_the_roll_forward_of_a_range_opens_with_what_came_before(api: Api) -> None:
    charge = sell_project(api)
    schedule(api, charge, "300", "2026-01-05", {JAN: "100", FEB: "200"})
    schedule(api, charge, "40", "2026-03-05")
    close(api, JAN)

    within = {"from": FEB, "to": REST}
    assert rows(api, ROLL_FORWARD, *FLOWS, **within) == [
        (FEB, "200.00", "0.00", "0.00", "0.00", "0.00", "0.00", "200.00"),
        (REST, "200.00", "40.00", "0.00", "0.00", "0.00", "0.00", "240.00"),
    ]
    (total,) = ask(api, ROLL_FORWARD, **within)["totals"]
    assert (total["opening"], total["additions"], total["closing"]) == ("200.00", "40.00", "240.00")


def test_what_is_dated_in_a_closed_period_is_booked_in_the_next_open_one(api: Api) -> None:
    close(api, JAN)
    said = file(api, ROLL_FORWARD, to=JAN)
    sell_prepaid(api)  # From January on, as of February.

    assert file(api, ROLL_FORWARD, to=JAN) == said
    assert rows(api, ROLL_FORWARD, *FLOWS) == [
        (FEB, "0.00", "1200.00", "0.00", "0.00", "0.00", "0.00", "1200.00")
    ]


def test_currencies_are_never_mixed(api: Api) -> None:
    schedule(api, sell_project(api), "300.10", "2026-01-05")
    schedule(api, sell_project(api, "JPY"), "30000", "2026-01-05")
    schedule(api, sell_project(api, "KWD"), "0.125", "2026-01-05")

    for name, field in (
        (ROLL_FORWARD, "closing"),
        (WATERFALL, "amount"),
        (OBLIGATIONS, "remaining"),
    ):
        totals = ask(api, name)["totals"]
        assert [(row["currency"], row[field]) for row in totals] == [
            ("JPY", "30000"),
            ("KWD", "0.125"),
            ("USD", "300.10"),
        ]


def test_the_waterfall_has_a_row_a_schedule_and_open_ended_last(api: Api) -> None:
    sold = sell_prepaid(api)
    schedule(api, sell_project(api, name="Borealis"), "300", "2026-01-05", {JAN: "100", FEB: "200"})
    use(api, 3333, "2026-01-10")
    close(api, JAN)

    found = ask(api, WATERFALL)

    assert [column["accountingPeriodName"] for column in found["rows"][0]["accountingPeriods"]] == [
        *(JAN, FEB, REST)
    ]
    assert [column["status"] for column in found["rows"][0]["accountingPeriods"]] == [
        *("recognized", "open", "open")
    ]
    contracts = [
        (
            *(row["accountNumber"], row["accountName"], row["subscriptionNumber"]),
            *(row["chargeNumber"], row["revenueScheduleNumber"], row["amount"]),
            *(row["recognizedRevenue"], row["unrecognizedRevenue"]),
            *cells(row).values(),
        )
        for row in found["rows"]
    ]
    assert contracts == [
        (
            *("A00000001", "Acme", sold.subscription.number, "C-00000001", "RS-00000001"),
            *("1200.00", "399.96", "800.04", "399.96", "0.00", "800.04"),
        ),
        (
            *("A00000002", "Borealis", "A-S00000002", "C-00000003", "RS-00000002"),
            *("300.00", "100.00", "200.00", "100.00", "200.00", "0.00"),
        ),
    ]
    (total,) = found["totals"]
    assert cells(total) == {JAN: "499.96", FEB: "200.00", REST: "800.04"}
    assert (total["amount"], total["recognizedRevenue"], total["unrecognizedRevenue"]) == (
        *("1500.00", "499.96", "1000.04"),
    )


def test_the_waterfall_as_a_file_names_the_status_of_each_period(api: Api) -> None:
    schedule(api, sell_project(api), "300", "2026-01-05", {JAN: "100", FEB: "200"})
    close(api, JAN)

    assert file(api, WATERFALL).split("\r\n") == [
        (
            "line,currency,accountNumber,accountName,subscriptionNumber,chargeNumber,"
            "revenueScheduleNumber,revenueScheduleDate,amount,recognizedRevenue,"
            "unrecognizedRevenue,Jan'2026 (recognized),Feb'2026 (open),Open-Ended (open)"
        ),
        (
            "row,USD,A00000001,Acme,A-S00000001,C-00000001,RS-00000001,2026-01-05,"
            "300.00,100.00,200.00,100.00,200.00,0.00"
        ),
        "total,USD,,,,,,,300.00,100.00,200.00,100.00,200.00,0.00",
        "",
    ]


def test_a_schedule_that_is_deleted_counts_until_then(api: Api) -> None:
    number = schedule(api, sell_project(api), "300", "2026-01-05")
    before = moment(api)
    with writing(api) as books:
        found = books.schedules.find(number=number)
        assert found
        books.schedules.change(found, deleted=True, deleted_at=books.now)

    assert ask(api, WATERFALL)["rows"] == []
    assert rows(api, WATERFALL, "amount", asOf=before) == [("300.00",)]


def test_remaining_obligations_are_told_by_year(api: Api) -> None:
    with writing(api) as books:
        define_months(books, 2026, 3)
        periods = {period.name: period for period in books.periods.list()}
        books.periods.change(periods[FEB], fiscal_year=2027)
        books.periods.change(periods[MAR], fiscal_year=2027)
    charge = sell_project(api)
    parts = {JAN: "10.00", FEB: "20.00", MAR: "30.00", REST: "40.00"}
    schedule(api, charge, "100", "2026-01-05", parts)
    close(api, JAN)

    by_fiscal_year = rows(api, OBLIGATIONS, "year", "remaining", "recognized", "amount")
    assert by_fiscal_year == [
        ("2026", "0.00", "10.00", "10.00"),
        ("2027", "50.00", "0.00", "50.00"),
        (REST, "40.00", "0.00", "40.00"),
    ]
    assert rows(api, OBLIGATIONS, "year", "remaining", yearBy="calendar") == [
        ("2026", "50.00"),
        (REST, "40.00"),
    ]
    assert ask(api, OBLIGATIONS)["totals"] == [
        {
            "currency": "USD",
            "year": None,
            "remaining": "90.00",
            "recognized": "10.00",
            "amount": "100.00",
        }
    ]


def test_recognized_revenue_is_told_by_period_code_and_customer(api: Api) -> None:
    sell_prepaid(api)
    schedule(api, sell_project(api), "300", "2026-01-05", {JAN: "100", FEB: "200"})
    use(api, 3333, "2026-01-10")
    close(api, JAN)

    fields = ("accountingPeriodName", "recognizedRevenueAccountingCode", "accountNumber", "amount")
    assert rows(api, RECOGNIZED, *fields) == [
        (JAN, "Services", "A00000002", "100.00"),
        (JAN, "Usage", "A00000001", "399.96"),
    ]
    (total,) = ask(api, RECOGNIZED)["totals"]
    assert total["amount"] == "499.96"
    assert rows(api, RECOGNIZED, *fields, **{"from": FEB}) == []
    assert rows(api, RECOGNIZED, *fields, accountKey="A00000001") == [
        (JAN, "Usage", "A00000001", "399.96")
    ]


def test_what_was_said_at_close_can_be_said_again(api: Api) -> None:
    sell_prepaid(api)
    use(api, 3333, "2026-01-10")
    close(api, JAN)
    names = (ROLL_FORWARD, WATERFALL, OBLIGATIONS, RECOGNIZED)
    said = {name: file(api, name) for name in names}

    use(api, 1000, "2026-01-20")  # Late: its revenue is February's.
    with writing(api) as books:
        define_months(books, 2026, 3)
    close(api, FEB)

    assert {name: file(api, name) for name in names} != said
    assert {name: file(api, name, asOf=JAN) for name in names} == said


def test_what_was_said_at_close_stands_beside_what_is_known_now(api: Api) -> None:
    sell_prepaid(api)
    use(api, 3333, "2026-01-10")
    close(api, JAN)
    use(api, 1000, "2026-01-20")
    close(api, FEB)

    found = ask(api, WATERFALL, compareTo=JAN)

    (row,) = found["rows"]
    figures = ("recognizedRevenue", "recognizedRevenueCompared", "recognizedRevenueChange")
    assert [row[name] for name in figures] == ["519.96", "399.96", "120.00"]
    assert [
        tuple(cell[name] for name in ("accountingPeriodName", "status", "statusCompared"))
        for cell in row["accountingPeriods"]
    ] == [
        (JAN, "recognized", "recognized"),
        (FEB, "recognized", "open"),
        (REST, "open", "open"),
    ]
    assert [
        tuple(cell[name] for name in ("amount", "amountCompared", "amountChange"))
        for cell in row["accountingPeriods"]
    ] == [
        ("399.96", "399.96", "0.00"),
        ("120.00", "0.00", "120.00"),
        ("680.04", "800.04", "-120.00"),
    ]


def test_a_period_that_was_reopened_is_closed_as_of_its_close(api: Api) -> None:
    sell_prepaid(api)
    use(api, 3333, "2026-01-10")
    close(api, JAN)
    closed = moment(api)
    reopen(api, JAN)

    recognized = "recognizedByDrawdown"
    assert rows(api, ROLL_FORWARD, "status", recognized, to=JAN) == [("open", "0.00")]
    assert rows(api, ROLL_FORWARD, "status", recognized, to=JAN, asOf=closed) == [
        ("closed", "399.96")
    ]
    assert rows(api, ROLL_FORWARD, "status", recognized, to=JAN, asOf=JAN) == [("closed", "399.96")]


def test_pending_close_recognizes_nothing(api: Api) -> None:
    schedule(api, sell_project(api), "300", "2026-01-05", {JAN: "300"})
    change_period(api, JAN, "pending-close")

    assert rows(api, WATERFALL, "recognizedRevenue") == [("0.00",)]


def test_a_day_means_its_end_in_the_time_zone_of_the_books(api: Api) -> None:
    api.settings(time_zone="America/Los_Angeles")
    schedule(api, sell_project(api), "300", "2026-01-05")  # At 2026-01-15T04:00 there.

    for day, count in (("2026-01-14", 0), ("2026-01-15", 1)):
        found = ask(api, WATERFALL, asOf=day)
        assert len(found["rows"]) == count
        assert found["asOf"] == f"{day}T23:59:59.999999-08:00"
    assert ask(api, WATERFALL, asOf="2026-01-15T11:59:59Z")["rows"] == []
    # An offset's plus sign is a space where it was not escaped.
    assert api.found("/v1/reports/waterfall?asOf=2026-01-15T21:00:00+08:00")["rows"]


def test_what_cannot_be_read_is_refused(api: Api) -> None:
    no_moment = "'asOf' value should be an instant, a day or the name of an accounting period"

    assert complaint(api, WATERFALL, asOf="soon") == no_moment
    assert complaint(api, WATERFALL, asOf="2026-02-30") == no_moment
    assert complaint(api, WATERFALL, compareTo=JAN) == (
        "'compareTo': accounting period 'Jan'2026' was never closed"
    )
    assert complaint(api, ROLL_FORWARD, to="Mar'2026") == (
        "Cannot find accounting period 'Mar'2026'."
    )
    assert complaint(api, ROLL_FORWARD, **{"from": FEB, "to": JAN}) == (
        "'to' should not be before 'from'"
    )
    assert complaint(api, WATERFALL, to=JAN) == (
        "The report 'waterfall' takes no range of accounting periods."
    )
    assert complaint(api, OBLIGATIONS, yearBy="lunar") == (
        "'yearBy' value should be one of: fiscal, calendar"
    )
    assert complaint(api, WATERFALL, format="pdf") == "'format' value should be one of: json, csv"
    assert api.get("/v1/reports/waterfall?accountKey=A404").status_code == 404
    assert api.get("/v1/reports/guesses").status_code == 404


def test_a_long_report_comes_in_pages_with_the_totals_of_all(api: Api) -> None:
    charge = sell_project(api)
    for _ in range(3):
        schedule(api, charge, "100", "2026-01-05")

    first = ask(api, WATERFALL, pageSize="2")
    assert len(first["rows"]) == 2
    assert first["totals"][0]["amount"] == "300.00"
    assert first["nextPage"].endswith("/v1/reports/waterfall?page=2&pageSize=2")
    second = ask(api, WATERFALL, pageSize="2", page="2")
    assert [row["revenueScheduleNumber"] for row in second["rows"]] == ["RS-00000003"]
    assert "nextPage" not in second
    assert len(file(api, WATERFALL, pageSize="2").splitlines()) == 5


def test_a_file_is_a_csv_file_to_be_saved(api: Api) -> None:
    response = api.get("/v1/reports/roll-forward?format=csv")

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="roll-forward.csv"'


def test_a_name_that_looks_like_a_formula_is_text_in_a_file(api: Api) -> None:
    schedule(api, sell_project(api, name="=1+1"), "-300", "2026-01-05")

    _, line, _, _ = file(api, WATERFALL).split("\r\n")
    assert ",'=1+1," in line
    assert line.endswith(",-300.00,0.00,-300.00,0.00,0.00,-300.00")


def test_empty_books_make_empty_reports(api: Api) -> None:
    for name in (ROLL_FORWARD, WATERFALL, OBLIGATIONS, RECOGNIZED):
        found = ask(api, name)
        assert (found["rows"], found["totals"]) == ([], [])


def test_credits_are_told_from_additions(api: Api) -> None:
    charge = sell_project(api)
    schedule(api, charge, "300", "2026-01-05", {JAN: "100", FEB: "200"})
    schedule(api, charge, "-30", "2026-02-05", {FEB: "-30"})
    close(api, JAN, FEB)

    assert rows(api, ROLL_FORWARD, *FLOWS) == [
        (JAN, "0.00", "300.00", "0.00", "100.00", "0.00", "0.00", "200.00"),
        (FEB, "200.00", "0.00", "0.00", "170.00", "0.00", "30.00", "0.00"),
    ]


def test_r_t45_what_expires_is_breakage(api: Api) -> None:
    sold = sell_prepaid(api)
    use(api, 3333, "2026-01-10")
    with writing(api) as books:
        expire_through(books, sold.funds[0].last_day)
    close(api, JAN)

    assert rows(api, ROLL_FORWARD, *FLOWS, to=JAN) == [
        (JAN, "0.00", "1200.00", "399.96", "0.00", "800.04", "0.00", "0.00")
    ]
    assert rows(api, OBLIGATIONS, "year", "remaining", "recognized") == [
        ("2026", "0.00", "1200.00"),
    ]


def test_what_is_credited_of_a_fund_is_a_credit(api: Api) -> None:
    sold = sell_prepaid(api)
    use(api, 3333, "2026-01-10")
    with writing(api) as books:
        credit = CreditFund(fund_id=sold.funds[0].id, day=date(2026, 1, 20), credit_minor=50_000)
        credit_fund(books, credit)
    close(api, JAN)

    # 800.04 are left: 500.00 of it are credited, and what is not is earned.
    assert rows(api, ROLL_FORWARD, *FLOWS, to=JAN) == [
        (JAN, "0.00", "1200.00", "399.96", "0.00", "300.04", "500.00", "0.00")
    ]
    assert {row[-1] for row in rows(api, ROLL_FORWARD, *CHECKS)} == {"0.00"}


def test_overage_was_never_deferred(api: Api) -> None:
    sell_prepaid(api)
    use(api, 10_100, "2026-01-10")
    close(api, JAN)

    assert rows(api, ROLL_FORWARD, *FLOWS, to=JAN) == [
        (JAN, "0.00", "1200.00", "1200.00", "0.00", "0.00", "0.00", "0.00")
    ]
    (total,) = ask(api, RECOGNIZED)["totals"]
    assert total["amount"] == "1202.00"
    assert [row["amount"] for row in ask(api, WATERFALL)["rows"]] == ["1200.00", "2.00"]
    assert ask(api, OBLIGATIONS)["totals"][0]["amount"] == "1200.00"


def test_a_period_without_a_fiscal_year_has_that_of_its_last_day(api: Api) -> None:
    with writing(api) as books:
        (january,) = books.periods.list(name=JAN)
        books.periods.change(january, fiscal_year=None)
    schedule(api, sell_project(api), "300", "2026-01-05", {JAN: "300"})

    assert rows(api, OBLIGATIONS, "year") == [("2026",)]
    assert date(2026, 1, 31) == january.end_date
