"""Usage rated record by record, over the wire (U 2.20): billed, corrected, explained, audited."""

from collections import Counter
from typing import Any

import pytest

from earned.services.audit_books import audit_books
from tests.api import Api, serving
from tests.builders import writing
from tests.http.billing import INVOICES
from tests.http.till import CODES_OF_BOOKS, USAGE, Till, drawn, metered, prepaid, tier
from tests.http.uploads import csv_of, uploaded
from tests.reports import USAGE as REPORT
from tests.reports import file, moment

JANUARY = "2022-01-01/2022-01-31"


def till_of(api: Api, *plans: Any) -> Till:
    api.settings(rate_usage_individually=True)
    return Till(api, *plans)


def calls(model: str, *tiers: Any, **facts: Any) -> Any:
    return metered(*tiers, charge_model=model, name="Calls", **facts)


def processed(api: Api) -> list[tuple[Any, Any]]:
    rows = api.found("/object-query/processed-usages")["data"]
    return [(row["quantity"], row["amount"]) for row in rows]


def rate_detail(api: Api, till: Till) -> str:
    (item,) = api.found(f"{INVOICES}/{till.made['invoices'][0]['id']}/items")["invoiceItems"]
    data = api.found(f"{INVOICES}/invoice-item/{item['id']}/usage-rate-detail")["data"]
    return str(data["rateDetail"])


def test_u_43_a_volume_is_priced_together_and_rounded_apart(api: Api) -> None:
    till = till_of(api, calls("Volume", tier("1", 10), tier("0.9", None, 2)))
    till.use(8, "2022-01-05")
    till.use(5, "2022-01-05")

    assert till.bill("2022-02-01") == ([("Calls", 13, 11.7, JANUARY)], [])
    assert processed(api) == [(8, 7.2), (5, 4.5)]
    assert rate_detail(api, till) == (
        "2022-01-05: 8 Min(s) x $0.90/Min = $7.20\n"
        "2022-01-05: 5 Min(s) x $0.90/Min = $4.50\n"
        "Total = $11.70"
    )
    till.audit()


def test_what_is_rounded_apart_is_earned_and_billed_alike(api: Api) -> None:
    till = till_of(api, calls("PerUnit", tier("0.125")))
    for day in ("05", "05", "06"):
        till.use(1, f"2022-01-{day}")
    (rating,) = api.found("/object-query/rating-results")["data"]
    assert rating["amount"] == 0.39

    assert till.bill("2022-02-01")[0] == [("Calls", 3, 0.39, JANUARY)]
    assert till.balance(*CODES_OF_BOOKS) == {
        "Receivable": "0.39",
        "Deferred Revenue": "0.00",
        "Unbilled": "0.00",
        "Subscription Revenue": "-0.39",
    }
    till.audit()


def test_late_usage_prices_what_was_billed_again(api: Api) -> None:
    till = till_of(api, calls("Volume", tier("0.125", 2), tier("0.105", None, 2)))
    till.use(1, "2022-01-05")
    till.use(1, "2022-01-06")
    assert till.bill("2022-02-01")[0] == [("Calls", 2, 0.26, JANUARY)]

    till.use(1, "2022-01-04")  # Three at 0.105, each 0.11: 0.33.
    assert till.bill("2022-03-01")[0] == [("Calls", 1, 0.07, JANUARY)]
    assert rate_detail(api, till).splitlines()[-2:] == ["Billed before = -$0.26", "Total = $0.07"]
    till.audit()


def test_corrections_leave_what_the_records_say(api: Api) -> None:
    till = till_of(api, prepaid(4, 100), drawn("0.125"))
    first = till.use(5, "2022-01-05", UniqueKey="a")
    second = till.use(3, "2022-01-05")
    till.use(1, "2022-01-04")
    assert amount(api) == 0.64  # One beyond the fund for 0.13, 3 for 0.38, one before for 0.13.
    till.use(-2, "2022-01-05")
    till.audit()
    api.put(f"{USAGE}/{first}", {"Quantity": 2})
    till.audit()
    assert api.delete(f"{USAGE}/{second}").status_code == 200
    till.audit()
    till.use(9, "2022-01-20")
    till.bill("2022-02-01")
    till.audit()


def amount(api: Api) -> float:
    (rating,) = api.found("/object-query/rating-results")["data"]
    return float(rating["amount"])


def test_an_audit_finds_what_its_records_do_not_come_to(api: Api) -> None:
    till = till_of(api, calls("PerUnit", tier("0.125")))
    till.use(1, "2022-01-05")
    till.use(1, "2022-01-05")
    with writing(api) as books:
        (row,) = books.consumption.list()
        books.consumption.update_all([{"id": row.id, "amount_minor": 25}])  # As if rated as one.
        found = {one.check for one in audit_books(books, Counter())}

    assert "overage costs what its charge asks" in found


def test_a_period_goes_on_as_it_began(api: Api) -> None:
    till = Till(api, calls("PerUnit", tier("0.125")))
    till.use(1, "2022-01-05")
    api.settings(rate_usage_individually=True)
    till.use(1, "2022-01-06")
    till.use(1, "2022-01-07")
    for _ in range(3):
        till.use(1, "2022-02-05")
    api.settings(rate_usage_individually=False)
    till.use(1, "2022-02-06")

    february = "2022-02-01/2022-02-28"
    assert till.bill("2022-03-01")[0] == [
        ("Calls", 3, 0.38, JANUARY),
        ("Calls", 4, 0.52, february),
    ]
    till.audit()


@pytest.mark.parametrize("model", ["FlatFee", "TieredWithOverage"])
def test_models_that_have_no_price_of_a_record_are_rated_as_ever(api: Api, model: str) -> None:
    tiers = [tier("0.125")]
    if model == "TieredWithOverage":
        tiers = [tier("0.125", 5), tier("1", None, 2, is_overage=True)]
    till = till_of(api, calls(model, *tiers))
    till.use(1, "2022-01-05")
    till.use(2, "2022-01-06")

    expected = 0.13 if model == "FlatFee" else 0.38
    assert till.bill("2022-02-01")[0] == [("Calls", 3, expected, JANUARY)]
    till.audit()


def test_the_reconciliation_says_what_it_said(api: Api) -> None:
    till = till_of(api, calls("Tiered", tier("0.125", 2), tier("0.105", None, 2)))
    till.use(1, "2022-01-05")
    till.use(3, "2022-01-06")
    before, said = moment(api), file(api, REPORT)
    till.use(1, "2022-01-04")
    till.use(-2, "2022-01-06")

    assert file(api, REPORT, asOf=before) == said
    assert file(api, REPORT, asOf=moment(api)) == file(api, REPORT)
    assert file(api, REPORT) != said


def test_a_file_is_rated_as_its_rows_are(founded_database_url: str) -> None:
    with serving(founded_database_url) as api:
        till = till_of(api, calls("PerUnit", tier("0.125")), drawn(3, name="Other"))
        rows = [f"A00000001,Min,1,01/0{day}/2022,,,C-00000001," for day in (5, 5, 6)]

        assert uploaded(api, csv_of(*rows))["importedCount"] == len(rows)

        assert till.bill("2022-02-01")[0] == [("Calls", 3, 0.39, JANUARY)]
        till.audit()
