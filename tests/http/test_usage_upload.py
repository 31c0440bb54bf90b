"""`POST /v1/usage`: a file of usage records, all of them or none (U 3.6)."""

from decimal import Decimal
from typing import Any

import pytest

from earned.domain.usage_import import Begun, ImportStatus
from earned.engine.usage_files.reading import open_cells
from earned.services.import_usage import ImportUsage, begin_import, import_usage, put_back
from tests import builders
from tests.api import Api, serving
from tests.http.uploads import (
    HEADER,
    accepted,
    csv_of,
    ended,
    left,
    refused,
    sell_40_tokens,
    send,
    stored,
    uploaded,
    use,
)

KEYED = f"{HEADER},UNIQUE_KEY"


@pytest.fixture
def api(api: Api) -> Api:
    """Lend books in which A-1 has bought a plan that prepays 40 tokens in January."""
    sell_40_tokens(api)
    return api


def test_u_3_6_a_file_is_answered_at_once_and_imported_then(api: Api) -> None:
    content = csv_of(use(10), use("8.5", "01/04/2026"))

    answer = send(api, content).json()

    identity = answer["checkImportStatus"].split("/")[3]
    assert answer == {
        "success": True,
        "size": len(content),
        "checkImportStatus": f"/v1/usage/{identity}/status",
    }
    assert ended(api, answer["checkImportStatus"]) == {
        "success": True,
        "id": identity,
        "importStatus": "Completed",
        "name": "usage.csv",
        "md5": ended(api, answer["checkImportStatus"])["md5"],
        "size": len(content),
        "totalCount": 2,
        "importedCount": 2,
        "originalResourceUrl": f"/v1/files/{identity}",
        "resultResourceUrl": ended(api, answer["checkImportStatus"])["resultResourceUrl"],
    }
    first, second = stored(api)
    assert [first.quantity, second.quantity] == [10, Decimal("8.5")]
    assert (first.source_type, first.file_name, first.import_id) == (
        "Import",
        "usage.csv",
        identity,
    )
    assert first.start_date_time.isoformat() == "2026-01-03T00:00:00+00:00"
    assert left(api) == Decimal("21.5")
    shown = api.found(f"/v1/object/import/{identity}")
    assert (shown["Status"], shown["ImportType"], shown["ImportedCount"]) == (
        "Completed",
        "Usage",
        2,
    )


def test_the_limit_of_size_is_the_entitys_to_lift(api: Api) -> None:
    api.settings(limit_usage_files=False)

    words = "field larger than field limit (131072)"
    assert refused(api, b"x" * 4_194_305) == f"File Import Failed: The file is not CSV: {words}"


def test_usage_in_a_closed_period_fails_where_the_entity_refuses_it(api: Api) -> None:
    period = {"name": "Jan", "startDate": "2026-01-01", "endDate": "2026-01-31", "fiscalYear": 2026}
    january = api.made("/v1/accounting-periods", period)["id"]
    api.put(f"/v1/accounting-periods/{january}/close")
    api.settings(allow_usage_in_closed_period=False)

    text = "Usage cannot be imported into a closed accounting period"
    assert refused(api, csv_of(use(1))) == text


def test_headers_may_be_written_in_any_case_and_order_with_custom_fields(api: Api) -> None:
    header = "team__c,Qty,startdate,ENDDATE,account_id,uom,SUBSCRIPTION_ID,charge_id,Description,x"

    answer = uploaded(api, csv_of("blue,2,1/3/2026 10:30,,A-1,Token,,,,no", header=header))

    assert answer["importStatus"] == "Completed"
    (record,) = stored(api)
    assert record.custom_fields == {"team__c": "blue"}
    assert record.start_date_time.isoformat() == "2026-01-03T10:30:00+00:00"


def test_byte_order_mark_carriage_returns_quotes_and_empty_lines_are_read(api: Api) -> None:
    text = f'﻿{HEADER}\r\n\r\nA-1,Token,"1",01/03/2026,,,,"a ""b"", c\r\nd"\r\n,,,,,,,\r\n'

    answer = uploaded(api, text.encode())

    assert (answer["importStatus"], answer["importedCount"]) == ("Completed", 1)
    assert (
        answer["statusReason"] == "This row record has been omitted because all values are missing"
    )
    assert [record.description for record in stored(api)] == ['a "b", c\r\nd']


def test_dates_are_read_as_the_entity_writes_them(api: Api) -> None:
    api.settings(date_format="DD/MM/YYYY", time_zone="Europe/Berlin")

    uploaded(api, csv_of(use(1, "04/01/2026"), use(1, "2026-01-05T01:00:00+01:00")))

    days = [(str(one.usage_date), one.start_date_time.isoformat()) for one in stored(api)]
    assert days == [
        ("2026-01-04", "2026-01-03T23:00:00+00:00"),
        ("2026-01-05", "2026-01-05T00:00:00+00:00"),
    ]


def test_a_key_that_is_known_changes_the_record_and_draws_it_anew(api: Api) -> None:
    uploaded(api, csv_of(use(3) + ",k", header=KEYED))
    uploaded(api, csv_of(use(4) + ",k", use(1) + ",l", header=KEYED))

    assert [record.quantity for record in stored(api)] == [4, 1]
    assert left(api) == 35


def test_u_3_1_an_import_object_is_made_of_a_file_with_a_name_of_its_own(api: Api) -> None:
    content = csv_of(use(10))
    form = {"ImportType": "Usage", "Name": "January, 2nd try"}

    def create(**fields: str) -> dict[str, Any]:
        response = api.http.post(
            "/v1/object/import",
            files={"File": ("usage.csv", content)},
            data=fields,
            headers=api.headers,
        )
        answer: dict[str, Any] = response.json()
        return answer

    made = create(**form)
    assert made["Success"] is True
    assert ended(api, f"/v1/usage/{made['Id']}/status")["name"] == "January, 2nd try"
    shown = api.found(f"/v1/object/import/{made['Id']}")
    assert (shown["Name"], shown["Status"]) == ("January, 2nd try", "Completed")
    assert stored(api)[0].file_name == "usage.csv"
    assert left(api) == 30
    assert create(**form | {"ImportType": "Payment"})["Errors"] == [
        {"Code": "INVALID_VALUE", "Message": "'ImportType' value should be: Usage"}
    ]
    assert create(ImportType="Usage")["Errors"][0]["Code"] == "MISSING_REQUIRED_VALUE"


def test_imports_are_asked_for_like_other_objects_and_leave_a_trace(api: Api) -> None:
    good = uploaded(api, csv_of(use(5)))["id"]
    bad = uploaded(api, csv_of(use("")), "bad.csv")["id"]

    shown = "fields[]=name,status,importedCount,importType&sort[]=name.DESC"
    assert api.found(f"/object-query/imports?{shown}")["data"] == [
        {
            "id": good,
            "name": "usage.csv",
            "status": "Completed",
            "importedCount": 1,
            "importType": "Usage",
        },
        {
            "id": bad,
            "name": "bad.csv",
            "status": "Failed",
            "importedCount": 0,
            "importType": "Usage",
        },
    ]
    (record,) = api.found("/object-query/usages?expand[]=import")["data"]
    assert record["import"]["name"] == "usage.csv"
    query = {"queryString": "select Id, StatusReason from Import where Status = 'Failed'"}
    assert api.post("/v1/action/query", query).json()["records"] == [
        {"Id": bad, "StatusReason": "The QTY is missing"}
    ]
    with builders.writing(api) as books:
        traces = books.audit.list(object_type="Import", order_by=("sequence",))
    assert [(trace.action, trace.object_id) for trace in traces] == [
        ("completed", good),
        ("failed", bad),
    ]
    assert (traces[0].detail["name"], traces[0].detail["imported"]) == ("usage.csv", 1)


def test_a_failed_file_leaves_the_books_as_they_were_for_what_comes_next(api: Api) -> None:
    uploaded(api, csv_of(use(5)))
    refused(api, csv_of(use(7), use("")))
    uploaded(api, csv_of(use(6)))

    assert left(api) == 29
    body = {"AccountNumber": "A-1", "UOM": "Token", "Quantity": 4}
    api.made("/v1/object/usage", {**body, "StartDateTime": "2026-01-03"})
    assert left(api) == 25


def test_the_same_upload_with_its_key_is_imported_once(api: Api) -> None:
    content = csv_of(use(5))
    first, second = (send(api, content, Idempotency_Key="once") for _ in range(2))
    other = send(api, csv_of(use(6)), Idempotency_Key="once")

    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert other.status_code == 422
    ended(api, first.json()["checkImportStatus"])
    assert left(api) == 35


def test_an_import_that_was_begun_and_left_is_carried_out_by_the_next_server(
    founded_database_url: str,
) -> None:
    with serving(founded_database_url) as api:
        sell_40_tokens(api)
        path = _left_behind(api, attempts=2)

    with serving(founded_database_url) as api:
        assert ended(api, path)["importStatus"] == "Completed"
        assert left(api) == 35


def test_an_import_that_was_cut_short_three_times_is_marked(founded_database_url: str) -> None:
    with serving(founded_database_url) as api:
        sell_40_tokens(api)
        path = _left_behind(api, attempts=3)

    with serving(founded_database_url) as api:
        answer = ended(api, path)
        assert answer["importStatus"] == "Failed"
        assert answer["statusReason"] == "File Import Failed: The import was cut short 3 times"
        assert left(api) == 40


def _left_behind(api: Api, attempts: int) -> str:
    """Store a file as an import that a server has begun and left; return where its status is."""
    with builders.writing(api) as books:
        stored = accepted(books, csv_of(use(5)))
        status = ImportStatus.PROCESSING
        books.usage_imports.change(stored, status=status, attempts=attempts)
    return f"/v1/usage/{stored.id}/status"


def test_servers_that_find_an_import_alike_carry_it_out_once(api: Api) -> None:
    with builders.writing(api) as books:
        stored = accepted(books, csv_of(use(5)))
        found = Begun(id=stored.id, attempts=0)
        first, second = begin_import(books, found), begin_import(books, found)
        assert first == Begun(id=stored.id, attempts=1)
        assert second is None
        taken_over = begin_import(books, first)
        assert taken_over is not None
        commands = [ImportUsage(begun=one, open_file=open_cells) for one in (first, taken_over)]
        assert [import_usage(books, one) for one in (*commands, commands[-1])] == [
            None,
            "Completed",
            None,
        ]
    assert left(api) == 35


def test_an_import_that_is_put_back_was_never_begun_unless_another_has_begun_it(api: Api) -> None:
    with builders.writing(api) as books:
        stored = accepted(books, csv_of(use(1)))
        first = begin_import(books, Begun(id=stored.id, attempts=0))
        assert first
        put_back(books, first)
        (found,) = books.usage_imports.list()
        assert (found.status, found.attempts) == ("Pending", 0)

        again = begin_import(books, Begun(id=stored.id, attempts=0))
        assert again
        taken_over = begin_import(books, again)
        put_back(books, again)

        (found,) = books.usage_imports.list()
        assert (found.status, found.attempts) == ("Processing", 2)
        assert taken_over == Begun(id=stored.id, attempts=2)
