"""The rows of usage, guided usage and the ledger, as the books hold them.

What differs from row to row is kept apart from what rows share, so that little is moved. The
queries that join them read alike in DuckDB and in SQLite: one of the two runs them, as the database
of the books is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from earned.domain.exact import plain
from earned.domain.identity import derived_id
from earned.domain.prepaid import BalanceTransaction, SourceType, TransactionType
from earned.domain.subscription import RatePlanCharge
from earned.domain.usage import IMPORT, GuidedUsage, UsageRecord
from earned.engine.bulk.checking import Sheet
from earned.engine.bulk.drawing import Numbered
from earned.engine.bulk.resolving import Kind
from earned.engine.duck import Scratch, load_scanner, quoted
from earned.services.load_rows import Load
from earned.services.ports import Books

MACROS = (
    """CREATE MACRO written_size(v, tens, places) AS (v // tens)::VARCHAR ||
        CASE WHEN v % tens = 0 THEN ''
        ELSE '.' || rtrim(lpad((v % tens)::VARCHAR, places, '0'), '0') END""",
    """CREATE MACRO written(v, tens, places) AS
        CASE WHEN v < 0 THEN '-' ELSE '' END || written_size(abs(v), tens, places)""",
    "CREATE MACRO quantity_text(v) AS written(v, 1000000000::HUGEINT, 9)",
    "CREATE MACRO units_text(v) AS written(v, 1000000000000000000::HUGEINT, 18)",
    "CREATE MACRO instant_text(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%fZ')",
)

_TABLES = ("usage", "guided", "moved", "kind_of", "guide_of", "fund_of")

_EMPTY = """CREATE SCHEMA IF NOT EXISTS staged;
    CREATE OR REPLACE TABLE staged.usage (row BIGINT, kind_no BIGINT, quantity VARCHAR,
        start_at VARCHAR, end_at VARCHAR, description VARCHAR, unique_key VARCHAR, status VARCHAR,
        custom VARCHAR);
    CREATE OR REPLACE TABLE staged.guided (turn BIGINT, row BIGINT, guide_no BIGINT,
        quantity VARCHAR, remaining VARCHAR, status VARCHAR);
    CREATE OR REPLACE TABLE staged.moved (nth BIGINT, turn BIGINT, row BIGINT, guide_no BIGINT,
        fund_no BIGINT, sequence BIGINT, kind VARCHAR, amount VARCHAR, balance VARCHAR);
    CREATE OR REPLACE TABLE staged.kind_of (kind_no BIGINT, account_id VARCHAR,
        account_number VARCHAR, subscription_id VARCHAR, subscription_number VARCHAR,
        charge_id VARCHAR, charge_number VARCHAR, uom VARCHAR, usage_date VARCHAR);
    CREATE OR REPLACE TABLE staged.guide_of (guide_no BIGINT, account_id VARCHAR,
        charge_id VARCHAR, charge_number VARCHAR, charge_segment BIGINT,
        original_subscription_id VARCHAR, uom VARCHAR, usage_date VARCHAR, rate VARCHAR);
    CREATE OR REPLACE TABLE staged.fund_of (fund_no BIGINT, account_id VARCHAR,
        prepaid_balance_id VARCHAR, fund_id VARCHAR)"""

_NOT_NUMBERED = "CREATE OR REPLACE TABLE numbered_row (row BIGINT, number BIGINT)"
_ADD = (
    "INSERT INTO numbered_row SELECT row, {rows} + row FROM plain",
    """INSERT INTO staged.usage
    SELECT {rows} + row, {kinds} + kind_no, quantity_text(plain.quantity), instant_text(start_utc),
        instant_text(end_utc), description, unique_key, coalesce(covered.status, 'Pending'), custom
    FROM plain LEFT JOIN (
        SELECT row, min(status) AS status FROM guided GROUP BY row
    ) covered USING (row) ORDER BY row""",
    """INSERT INTO staged.guided
    SELECT {turns} + turn, {rows} + row, {guides} + guide_no, quantity_text(quantity),
        quantity_text(remaining), status
    FROM guided ORDER BY turn""",
    f"""INSERT INTO staged.moved
    SELECT {{moves}} + nth, {{turns}} + turn, {{rows}} + row, {{guides}} + guide_no,
        {{funds}} + fund_no, sequence,
        CASE WHEN units > 0 THEN '{TransactionType.DRAWDOWN}'
            ELSE '{TransactionType.DRAWDOWN_ADJUSTMENT}' END,
        units_text(-units), units_text(after)
    FROM moved ORDER BY nth""",  # noqa: S608 - Words of ours.
)


_NUMBERS = {"rows": ("plain", "row"), "turns": ("guided", "turn"), "moves": ("moved", "nth")}
"""What counts the rows of which table."""

_TOGETHER = 10_000


class Writer:
    """Gathers the rows of an import, chunk after chunk, and has the books take them in."""

    def __init__(self, scratch: Scratch, books: Books, sheet: Sheet) -> None:
        """Begin with no rows."""
        self._scratch, self._books, self._sheet = scratch, books, sheet
        self._ids = {name: books.new_id() for name in ("rows", "turns", "moves")}
        self._next = dict.fromkeys(self._ids, 0)
        self._counts = dict.fromkeys(("kinds", "guides", "funds"), 0)
        self._files: list[Path] = []
        scratch.run(_EMPTY)
        scratch.run(_NOT_NUMBERED)

    def usage_id(self, number: str) -> str:
        """Return the expression of the id of a usage record, by its number."""
        return _id(self._ids["rows"], number)

    def add(self, kinds: Mapping[int, Kind], numbered: Numbered) -> None:
        """Add the rows of `plain`, `guided` and `moved`."""
        counts, scratch = self._counts, self._scratch
        numbers = self._numbers()
        for statement in _ADD:
            scratch.run(statement.format(**counts, **numbers))
        first = counts["kinds"]
        self._share("kind_of", [(first + n, *_of_kind(kind)) for n, kind in kinds.items()])
        first = counts["guides"]
        guides = enumerate(numbered.guides, start=first)
        self._share("guide_of", [(n, *_of_guide(kind, charge)) for n, (kind, charge) in guides])
        first = counts["funds"]
        funds = enumerate((fund.fund for fund in numbered.funds), start=first)
        owners = [(n, one.account_id, one.prepaid_balance_id, one.id) for n, one in funds]
        self._share("fund_of", owners)
        counts["kinds"] += max(kinds, default=0)
        counts["guides"] += len(numbered.guides)
        counts["funds"] += len(numbered.funds)

    def write(self, *, midway: bool = False) -> None:
        """Have the books take all rows in; `midway`, more of them come in this transaction."""
        self._books.load(self, self._loads(), midway=midway)
        for file in self._files:
            # Whoever has it open goes on with it.
            file.unlink(missing_ok=True)
        self._scratch.run(_EMPTY)

    def rows(self, query: str) -> Iterator[Sequence[Sequence[object]]]:
        """Yield the rows of a query, many at a time."""
        cursor = self._scratch.duck.execute(query)
        while some := cursor.fetchmany(_TOGETHER):
            yield some

    def as_database(self) -> str:
        """Write the schema `staged` to an SQLite file; return its path."""
        scratch, file = self._scratch, self._new_file("db")
        load_scanner(scratch)
        scratch.run(f"ATTACH {quoted(file)} AS stage (TYPE sqlite)")
        for name in _TABLES:
            scratch.run(f"CREATE TABLE stage.{name} AS FROM staged.{name}")
        scratch.run("DETACH stage")
        return file

    def as_csv(self, query: str) -> str:
        """Write the rows of a query to a CSV file; return its path."""
        file = self._new_file("csv")
        self._scratch.run(f"COPY ({query}) TO {quoted(file)} (FORMAT csv, HEADER false)")
        return file

    def _numbers(self) -> Mapping[str, int]:
        """Return what to add to numbers that count a chunk's rows, so that their ids follow.

        They follow those of the chunks before, and whatever was recorded between.
        """
        numbers = {}
        for name, (table, number) in _NUMBERS.items():
            query = f"SELECT min({number}), max({number}) FROM {table}"  # noqa: S608 - Names of ours.
            ((first, last),) = self._scratch.rows(query)
            since = _number_of(self._books.new_id()) - _number_of(self._ids[name])
            numbers[name] = max(self._next[name], since) - (first or 0)
            self._next[name] = numbers[name] + (last or 0) + 1
        return numbers

    def _new_file(self, suffix: str) -> str:
        file = self._scratch.directory / f"staged-{self._books.new_id()}.{suffix}"
        self._files.append(file)
        return str(file)

    def _share(self, name: str, rows: Sequence[Sequence[object]]) -> None:
        described = self._scratch.rows(f"DESCRIBE staged.{name}")
        self._scratch.fill("shared", {column: kind for column, kind, *_ in described}, rows)
        self._scratch.run(f"INSERT INTO staged.{name} FROM shared")

    def _loads(self) -> Sequence[Load]:
        ids, constants = self._ids, _constants(self._books, self._sheet)
        usage_id = _id(ids["rows"], "s.row")
        guided_id = _id(ids["turns"], "s.turn")
        usage = _load(
            "usage_record",
            UsageRecord,
            {**constants, **_USAGE, "id": usage_id},
            "staged.usage s JOIN staged.kind_of k ON k.kind_no = s.kind_no",
        )
        guided = _load(
            "guided_usage",
            GuidedUsage,
            {**constants, **_GUIDED, "id": guided_id, "usage_id": usage_id},
            "staged.guided s JOIN staged.guide_of k ON k.guide_no = s.guide_no",
        )
        moved_id = _id(ids["moves"], "s.nth")
        moved = _load(
            "balance_transaction",
            BalanceTransaction,
            {**constants, **_MOVED, "id": moved_id, "source_id": guided_id, "usage_id": usage_id},
            "staged.moved s JOIN staged.guide_of k ON k.guide_no = s.guide_no "
            "JOIN staged.fund_of f ON f.fund_no = s.fund_no",
        )
        return usage, guided, moved


_USAGE = {
    "account_id": "k.account_id",
    "account_number": "k.account_number",
    "subscription_id": "k.subscription_id",
    "subscription_number": "k.subscription_number",
    "charge_id": "k.charge_id",
    "charge_number": "k.charge_number",
    "uom": "k.uom",
    "quantity": "s.quantity",
    "start_date_time": "s.start_at",
    "end_date_time": "s.end_at",
    "usage_date": "k.usage_date",
    "description": "s.description",
    "unique_key": "s.unique_key",
    "rbe_status": "s.status",
    "custom_fields": "s.custom",
}
_GUIDED = {
    "account_id": "k.account_id",
    "charge_id": "k.charge_id",
    "charge_number": "k.charge_number",
    "charge_segment": "k.charge_segment",
    "original_subscription_id": "k.original_subscription_id",
    "uom": "k.uom",
    "quantity": "s.quantity",
    "usage_date": "k.usage_date",
    "remaining_quantity": "s.remaining",
    "status": "s.status",
}
_MOVED = {
    "account_id": "f.account_id",
    "prepaid_balance_id": "f.prepaid_balance_id",
    "fund_id": "f.fund_id",
    "sequence": "s.sequence",
    "amount": "s.amount",
    "balance": "s.balance",
    "transaction_date": "k.usage_date",
    "transaction_type": "s.kind",
    "source_type": quoted(SourceType.USAGE),
    "usage_uom": "k.uom",
    "drawdown_rate": "k.rate",
    "drawdown_charge_id": "k.charge_id",
    "drawdown_charge_number": "k.charge_number",
    "drawdown_charge_segment": "k.charge_segment",
}


def _constants(books: Books, sheet: Sheet) -> dict[str, str]:
    """Return what is the same in all rows."""
    user, now = quoted(books.scope.user_id), quoted(_instant(books.now))
    return {
        "entity_id": quoted(books.scope.entity_id),
        "source_type": quoted(IMPORT),
        "file_name": quoted(sheet.name),
        "import_id": "NULL" if sheet.import_id is None else quoted(sheet.import_id),
        "created_by": user,
        "created_at": now,
        "updated_by": user,
        "updated_at": now,
    }


def _load(table: str, kind: type[Any], sources: Mapping[str, str], origin: str) -> Load:
    """Return the load of a table; a column that nothing fills has the default of its field."""
    columns = [field.name for field in fields(kind)]
    default = {
        field.name: _literal(field.default)
        for field in fields(kind)
        if field.default is not MISSING
    }
    values = ", ".join(sources[name] if name in sources else default[name] for name in columns)
    return Load(table, columns, f"SELECT {values} FROM {origin}")  # noqa: S608 - Names and texts of ours.


def _literal(value: object) -> str:
    """Write a default as both databases have it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, int | Decimal) else quoted(str(value))


def _id(first: str, number: str) -> str:
    """Return the expression of ids that sort as they are counted, from where `first` stands.

    They end in what no other id ends in, so that those which are made meanwhile are others.
    """
    end = derived_id("rows", first)[len(first) // 2 :]
    return f"'{first[0]}' || printf('%015x', {_number_of(first)} + {number}) || '{end}'"


def _number_of(identity: str) -> int:
    """Return the number in an id that later ones have more of: its first half but for one digit."""
    return int(identity[1 : len(identity) // 2], 16)


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def _of_kind(kind: Kind) -> Sequence[object]:
    row = kind.resolved
    subscription, charge = row.subscription, row.charge
    return (
        row.account.id,
        row.account.number,
        subscription.original_id if subscription else None,
        subscription.number if subscription else None,
        charge.original_id if charge else None,
        charge.number if charge else None,
        row.fields.uom,
        row.day.isoformat(),
    )


def _of_guide(kind: Kind, charge: RatePlanCharge) -> Sequence[object]:
    return (
        kind.resolved.account.id,
        charge.original_id,
        charge.number,
        charge.segment,
        charge.original_subscription_id,
        kind.resolved.fields.uom,
        kind.resolved.day.isoformat(),
        plain(charge.rate),
    )
