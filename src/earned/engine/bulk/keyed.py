"""Rows whose unique key is known: most often the same file once more, of which nothing changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import msgspec

from earned.engine.bulk.resolving import Kind
from earned.engine.bulk.whole import QUANTITY_PLACES, unscaled
from earned.engine.duck import Scratch
from earned.services.ports import Books
from earned.services.record_usage import is_unchanged
from earned.services.resolve_usage import ResolvedUsage
from earned.services.usage_change import Origin, usage_record

GROUP = 1000
_KEYS_TOGETHER = 10_000

_KEYS = "SELECT unique_key FROM typed WHERE unique_key IS NOT NULL ORDER BY row"
_REPEATED = """SELECT unique_key FROM typed WHERE unique_key IS NOT NULL
    GROUP BY unique_key HAVING count(*) > 1"""
_KNOWN = """SELECT unique_key, kind_no, quantity, start_utc, end_utc, description, custom
    FROM typed SEMI JOIN known_key USING (unique_key)"""
_LEAVE_OUT = "DELETE FROM typed WHERE unique_key IN (SELECT unique_key FROM unchanged_key)"
_RECORDED = """INSERT INTO recorded_as
    SELECT row, id FROM typed JOIN unchanged_key USING (unique_key)"""
_KEY = {"unique_key": "VARCHAR"}
_KNOWN_AS = {**_KEY, "id": "VARCHAR"}

Row = tuple[str, int, int, datetime, datetime | None, str | None, str]


@dataclass(frozen=True, slots=True)
class Keyed:
    """The keys whose rows the services record, and those of records that rows leave as they are.

    Each of the latter with the id of its record.
    """

    odd: set[str]
    unchanged: Mapping[str, str]


def find_keys(scratch: Scratch, books: Books, kinds: Mapping[int, Kind]) -> Keyed:
    """Find out which rows of `typed` may change records, and which change nothing."""
    repeated = {key for (key,) in scratch.rows(_REPEATED)}
    known = set(_known(scratch, books)) - repeated
    unchanged: dict[str, str] = {}
    if known and books.settings.unique_key != "strict":
        scratch.fill("known_key", _KEY, ((key,) for key in known))
        unchanged = dict(_unchanged(scratch, books, kinds))
    return Keyed(repeated | (known - unchanged.keys()), unchanged)


def sort_out_keys(scratch: Scratch, books: Books, kinds: Mapping[int, Kind]) -> Keyed:
    """Take rows out of `typed` that change nothing; return the keys of those that may."""
    keyed = find_keys(scratch, books, kinds)
    if keyed.unchanged:
        scratch.fill("unchanged_key", _KNOWN_AS, keyed.unchanged.items())
        scratch.run(_RECORDED)
        scratch.run(_LEAVE_OUT)
    return keyed


def _known(scratch: Scratch, books: Books) -> Iterator[str]:
    keys = (key for (key,) in scratch.rows(_KEYS))
    while some := list(islice(keys, _KEYS_TOGETHER)):
        yield from books.known_keys(some)


def _unchanged(
    scratch: Scratch, books: Books, kinds: Mapping[int, Kind]
) -> Iterator[tuple[str, str]]:
    """Yield the keys of rows that would leave the records that have them as they are, and ids."""
    rows: Iterator[Row] = iter(scratch.rows(_KNOWN))
    while some := list(islice(rows, GROUP)):
        stored = books.entire.usage.list(unique_key=[key for key, *_ in some])
        by_key = {record.unique_key: record for record in stored}
        for row in some:
            record, resolved = by_key[row[0]], _resolved(kinds, row)
            origin = Origin(custom_fields=msgspec.json.decode(row[-1]))
            wanted = usage_record(record.id, origin, resolved, record.rbe_status, books.stamp())
            if is_unchanged(record, wanted):
                yield row[0], record.id


def _resolved(kinds: Mapping[int, Kind], row: Row) -> ResolvedUsage:
    """Return what a row was resolved to, with its own values."""
    key, number, quantity, start, end, description, _ = row
    found = kinds[number].resolved
    return found._replace(
        fields=found.fields._replace(
            quantity=unscaled(quantity, QUANTITY_PLACES),
            start_date_time=start.replace(tzinfo=UTC),
            end_date_time=None if end is None else end.replace(tzinfo=UTC),
            description=description,
            unique_key=key,
        )
    )
