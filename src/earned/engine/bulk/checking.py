"""Which rows are usage records beyond doubt, and what their values are.

Statements read the forms that files usually have: plain numbers, dates in ISO 8601 or with slashes.
Every other row is read by the services, one by one, and is refused in their words or joins the
rest. No row is read in two ways: what the statements read is a part of what the services read, with
the same result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from earned.domain.errors import EarnedError
from earned.domain.usage_columns import CUSTOM_SUFFIX, UNIQUE_KEY, Layout
from earned.domain.usage_fields import UsageFields
from earned.domain.written_dates import DateFormat
from earned.engine.bulk import reading_rows
from earned.engine.bulk.spooling import Cells, sent_rows
from earned.engine.bulk.whole import QUANTITY_PLACES, scaled
from earned.engine.duck import Scratch, quoted
from earned.services.ports import Books
from earned.services.record_usage import RecordUsage, read_fields
from earned.services.resolve_usage import Resolver
from earned.services.usage_row import usage_of_row

_HOURS_AROUND = range(-24, 49)

_encode = msgspec.json.Encoder(decimal_format="number").encode

_GOOD = {
    "row": "BIGINT",
    "account": "VARCHAR",
    "uom": "VARCHAR",
    "subscription": "VARCHAR",
    "charge": "VARCHAR",
    "quantity": "HUGEINT",
    "start_utc": "TIMESTAMP",
    "end_utc": "TIMESTAMP",
    "day": "DATE",
    "description": "VARCHAR",
    "unique_key": "VARCHAR",
    "custom": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's rows in `sent`, and what they are records of.

    With `key`, rows without a unique key get one of their own, made of it and the row number.
    """

    layout: Layout
    name: str
    import_id: str | None = None
    key: str | None = None

    def command(self, number: int, cells: Cells) -> RecordUsage:
        """Return the command that records a row."""
        values = self.layout.values(cells)
        if self.key and UNIQUE_KEY not in values:
            values[UNIQUE_KEY] = f"{self.key}-{number}"
        return usage_of_row(values, self.name, self.import_id)


@dataclass(slots=True)
class Checked:
    """Rows that were looked at: those in `good` may be resolved, the others are refused."""

    first: int
    last: int
    refused: list[tuple[int, EarnedError]] = field(default_factory=list)


def check_rows(scratch: Scratch, books: Books, sheet: Sheet, first: int, last: int) -> Checked:
    """Read the rows numbered from `first` to `last` into `good`."""
    zone = books.settings.zone
    scratch.run(reading_rows.PART.format(**_columns(sheet), first=first, last=last))
    slashes = "month_first" if books.settings.date_format == DateFormat.MONTH_FIRST else "day_first"
    scratch.run(reading_rows.TIMED.format(iso=slashes))
    days = [day for (day,) in scratch.rows(reading_rows.DAYS)]
    known = {day: _offset(day, zone) for day in days}
    steady = [(day.isoformat(), seconds) for day, seconds in known.items() if seconds is not None]
    scratch.fill("zone_day", {"day": "DATE", "seconds": "BIGINT"}, steady)
    scratch.run(reading_rows.FIELDS)
    scratch.run(reading_rows.GOOD)
    checked = Checked(first, last)
    if scratch.value(reading_rows.HAS_DOUBTFUL):
        scratch.fill("mended", _GOOD, _mended(scratch, books, sheet, checked))
        scratch.run("INSERT INTO good FROM mended")
    return checked


def _mended(
    scratch: Scratch, books: Books, sheet: Sheet, checked: Checked
) -> Iterator[Sequence[object]]:
    """Have the services read what the statements do not; note what they refuse."""
    resolver, zone = Resolver(books), books.settings.zone
    for number, cells in sent_rows(scratch, len(sheet.layout.header), reading_rows.IS_DOUBTFUL):
        command = sheet.command(number, cells)
        try:
            fields = read_fields(books, resolver, command)
        except EarnedError as refusal:
            checked.refused.append((number, refusal))
        else:
            yield _good(number, fields, zone, command.custom_fields)


def _good(
    number: int, fields: UsageFields, zone: ZoneInfo, custom: Mapping[str, object]
) -> Sequence[object]:
    """Return a row of `good`."""
    end = fields.end_date_time
    return (
        number,
        fields.account_number,
        fields.uom,
        fields.subscription_number or "",
        fields.charge_number or "",
        str(scaled(fields.quantity, QUANTITY_PLACES)),
        _timestamp(fields.start_date_time),
        None if end is None else _timestamp(end),
        fields.start_date_time.astimezone(zone).date().isoformat(),
        fields.description,
        fields.unique_key,
        json_text(custom),
    )


def _columns(sheet: Sheet) -> dict[str, str]:
    """Return the expression that reads each column of a row."""
    layout = sheet.layout
    key = _source(layout, UNIQUE_KEY)
    if sheet.key:
        key = f"coalesce({key}, {quoted(sheet.key)} || '-' || row)"
    return {
        "account": _source(layout, "ACCOUNT_ID"),
        "uom": _source(layout, "UOM"),
        "quantity": _source(layout, "QTY"),
        "start": _source(layout, "STARTDATE"),
        "finish": _source(layout, "ENDDATE"),
        "subscription": _source(layout, "SUBSCRIPTION_ID"),
        "charge": _source(layout, "CHARGE_ID"),
        "description": _source(layout, "DESCRIPTION"),
        "unique_key": key,
        "product_charge": _source(layout, "PRODUCT_RATE_PLAN_CHARGE_ID"),
        "custom": _custom(layout),
    }


def _source(layout: Layout, name: str) -> str:
    if name in layout.constants:
        return f"nullif({quoted(layout.constants[name])}, '')"
    return f"nullif(c{layout.places[name]}, '')" if name in layout.places else "NULL::VARCHAR"


def _custom(layout: Layout) -> str:
    """Return the expression that writes custom fields as JSON; null where it cannot."""
    names = [name for name in (*layout.places, *layout.constants) if name.endswith(CUSTOM_SUFFIX)]
    if not names:
        return "'{}'"
    values = {name: _source(layout, name) for name in names}
    members = [
        f"""'{quoted(json_text(name) + ':"')[1:-1]}' || {value} || '"'"""
        for name, value in values.items()
    ]
    safe = " AND ".join(_is_safe(value) for value in values.values())
    written = f"'{{' || array_to_string([{', '.join(members)}], ',') || '}}'"
    return f"CASE WHEN {safe} THEN {written} END"


def _is_safe(value: str) -> str:
    """Return the condition that JSON has a text as it is."""
    return f"""({value} IS NULL OR regexp_full_match({value}, '[!#-\\[\\]-~][ !#-\\[\\]-~]*'))"""


def _offset(day: date, zone: ZoneInfo) -> int | None:
    """Return by how many seconds a zone is ahead of UTC on a day, None if it changes around it."""
    midnight = datetime.combine(day, time(), UTC)
    moments = (midnight + timedelta(hours=hour) for hour in _HOURS_AROUND)
    found = {moment.astimezone(zone).utcoffset() for moment in moments}
    (offset, *others) = found
    if others or offset is None or offset.microseconds:
        return None
    return offset // timedelta(seconds=1)


def _timestamp(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def json_text(value: object) -> str:
    """Write JSON as the books hold it."""
    return _encode(value).decode()
