"""The result of an import: a file that tells what became of each row (U 3.6)."""

import csv
import gzip
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from earned.engine.usage_files.large import LARGE_BYTES
from tests.api import Api
from tests.http.uploads import HEADER, csv_of, sell_40_tokens, stored, uploaded, use

KEYED = f"{HEADER},UNIQUE_KEY"
WIDTH = 190
ROWS = LARGE_BYTES // WIDTH


@pytest.fixture
def api(api: Api) -> Api:
    """Lend books in which A-1 has bought a plan that prepays 40 tokens in January."""
    sell_40_tokens(api)
    return api


def download(api: Api, path: str, **headers: str) -> bytes:
    response = api.http.get(path, headers={**api.headers, "Accept-Encoding": "identity", **headers})
    assert response.status_code == 200, response.text
    assert int(response.headers["content-length"]) == len(response.content)
    return response.content


def zipped(content: bytes) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("usage.csv", content)
    return file.getvalue()


def ids(api: Api) -> dict[str | None, str]:
    """Return the ids of the usage records by their keys."""
    return {record.unique_key: record.id for record in stored(api)}


def result_of(api: Api, content: bytes, name: str = "usage.csv") -> list[list[str]]:
    """Upload a file, and return the cells of its result."""
    path = uploaded(api, content, name)["resultResourceUrl"]
    return list(csv.reader(StringIO(download(api, path).decode())))


def test_u_3_6_each_row_of_a_file_is_told_with_the_id_of_its_record(api: Api) -> None:
    uploaded(api, csv_of(use(3) + ",k", use(1) + ",l", header=KEYED))
    again = csv_of(use(3) + ",k", ",,,,,,,,", use(4) + ",l", use(2) + ",", header=KEYED)

    header, *rows = result_of(api, again)

    assert header == ["IMPORTED_ROW", "USAGE_ID", *KEYED.split(",")]
    by_key = ids(api)
    assert [row[:2] for row in rows] == [
        ["2", by_key["k"]],
        ["4", by_key["l"]],
        ["5", by_key[None]],
    ]
    assert rows[2][2:] == ["A-1", "Token", "2", "01/03/2026", "", "", "", "", ""]


def test_u_3_6_every_refused_row_is_told_and_mended_where_it_stands(api: Api) -> None:
    wrong = [use("") for _ in range(150)]

    header, *rows = result_of(api, csv_of(use(1), *wrong, f"{use(2)},,odd", "A-1,Token,\0,,,,,"))

    assert header == ["REFUSED_ROW", "REFUSED_COLUMN", "REFUSED_REASON", *HEADER.split(",")]
    assert [row[0] for row in rows] == [str(number) for number in range(3, 155)]
    assert rows[0][1:6] == ["QTY", "The QTY is missing", "A-1", "Token", ""]
    assert rows[150][-2:] == ["", "odd"]
    mended = "\n".join(",".join([*row[:5], "1", *row[6:11]]) for row in rows[:150])
    assert uploaded(api, f"{','.join(header)}\n{mended}\n".encode())["importedCount"] == 150


@pytest.mark.parametrize("name", ["usage.csv", "usage.zip"])
def test_a_large_file_has_the_result_that_a_small_one_has(api: Api, name: str) -> None:
    def sent(rows: list[str]) -> bytes:
        content = csv_of(*rows, header=KEYED)
        return content if name.endswith(".csv") else zipped(content)

    words = "x" * (WIDTH - 30)
    rows = [f"A-1,Token,0.5,01/03/2026,,,,{words},k{number}" for number in range(ROWS)]
    uploaded(api, csv_of(*rows[:7], header=KEYED))
    known = ids(api)
    rows[5] = rows[5].replace("0.5", "0.25")

    _, *recorded = result_of(api, sent([*rows, ",,,,,,,,", rows[0].replace("k0", "last")]), name)
    wrong = [row.replace("0.5", "many") for row in rows[100:300]]
    _, *refused = result_of(
        api, sent([*rows[:100], *wrong, *rows[300:], rows[7], f"{use(1)},,more"]), name
    )

    by_key = ids(api)
    assert known.items() <= by_key.items()
    keys = [*(f"k{number}" for number in range(ROWS)), "last"]
    assert [row[1] for row in recorded] == [by_key[key] for key in keys]
    assert [row[0] for row in recorded] == [*map(str, range(2, ROWS + 2)), str(ROWS + 3)]
    assert recorded[5][2:] == ["A-1", "Token", "0.25", "01/03/2026", "", "", "", words, "k5"]
    assert [row[0] for row in refused[:200]] == [*map(str, range(102, 302))]
    same, more = (row[2] for row in refused[200:])
    assert same == f"File Import Failed: The unique-keys are the same at rows: 9 {ROWS + 2}"
    assert more.endswith(f"There are more values than columns at row: {ROWS + 3}")
    assert refused[-1][-2:] == ["", "more"]


def test_a_result_is_sent_packed_to_whoever_can_unpack_it(api: Api) -> None:
    url = uploaded(api, csv_of(*map(use, range(1, 200))))["resultResourceUrl"]

    plain = download(api, url)
    headers = {**api.headers, "Accept-Encoding": "gzip"}
    with api.http.stream("GET", url, headers=headers) as response:
        packed = b"".join(response.iter_raw())

    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 3
    assert response.headers["content-disposition"] == 'attachment; filename="usage.csv-result.csv"'


def test_the_file_itself_is_kept_as_the_entity_decides(api: Api) -> None:
    content = csv_of(use(1))

    kept = uploaded(api, content, "Verbräuche.csv")
    answer = api.http.get(kept["originalResourceUrl"], headers=api.headers)
    api.settings(keep_usage_files="none")
    forgotten = uploaded(api, content)

    assert kept["originalResourceUrl"] == f"/v1/files/{kept['id']}"
    assert answer.content == content
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Verbr_uche.csv\"; filename*=UTF-8''Verbr%C3%A4uche.csv"
    )
    assert "originalResourceUrl" not in forgotten
    assert api.get(f"/v1/files/{forgotten['id']}").status_code == 404


def test_a_file_without_rows_has_no_result(api: Api) -> None:
    assert "resultResourceUrl" not in uploaded(api, b"QTY\n1\n")
    assert "resultResourceUrl" not in uploaded(api, b"\xff\xfe")
    broken = uploaded(api, csv_of(use(1), 'A-1,"Token'))
    assert (broken["importStatus"], broken["totalCount"]) == ("Failed", 1)
    assert "resultResourceUrl" not in broken
    assert "resultResourceUrl" not in uploaded(api, csv_of())


def test_the_import_object_and_queries_tell_where_the_files_are(api: Api) -> None:
    status = uploaded(api, csv_of(use(1)))
    result, file = status["resultResourceUrl"], status["originalResourceUrl"]

    shown = api.found(f"/v1/object/import/{status['id']}")
    queried = api.found(f"/object-query/imports/{status['id']}")
    asked = {"queryString": "select OriginalResourceUrl, ResultResourceUrl from Import"}
    (record,) = api.post("/v1/action/query", asked).json()["records"]

    assert (shown["OriginalResourceUrl"], shown["ResultResourceUrl"]) == (file, result)
    assert (queried["originalResourceUrl"], queried["resultResourceUrl"]) == (file, result)
    assert (record["OriginalResourceUrl"], record["ResultResourceUrl"]) == (file, result)
