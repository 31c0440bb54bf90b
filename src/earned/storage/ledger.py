"""The ledger of an entity on its way out, to be added up elsewhere.

As it is at one moment: one statement reads all of it.
"""

from pathlib import Path
from typing import Any

from psycopg.sql import SQL, Literal
from sqlalchemy import Engine

from earned.domain.prepaid import CONSUMING, TransactionType

_DRAWN = ", ".join(f"'{kind}'" for kind in CONSUMING)
_COLUMNS = f"""SELECT fund_id, sequence, transaction_date AS day, drawdown_charge_number AS number,
    drawdown_charge_segment AS segment, drawdown_charge_id AS charge_id, amount,
    {{moment}} AS moment, CASE WHEN transaction_type IN ({_DRAWN}) THEN 'drawn'
    WHEN transaction_type = '{TransactionType.PREPAYMENT}' THEN 'funded' ELSE 'other' END AS kind
    FROM balance_transaction WHERE entity_id = """  # noqa: S608 - Words of ours.
_UTC = "created_at AT TIME ZONE 'UTC'"


def write_ledger(engine: Engine, entity_id: str, file: Path) -> None:
    """Write the ledger of an entity to a new file: an SQLite table, or CSV from PostgreSQL."""
    connection = engine.raw_connection()
    try:
        driver: Any = connection.driver_connection
        if engine.dialect.name == "postgresql":
            _copy_out(driver, entity_id, file)
        else:
            _attach_and_fill(driver, entity_id, file)
    finally:
        connection.close()


def _copy_out(driver: Any, entity_id: str, file: Path) -> None:  # noqa: ANN401 - A connection of psycopg.
    query = SQL(_COLUMNS.format(moment=_UTC)) + Literal(entity_id)
    statement = SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(query)
    with file.open("wb") as rows, driver.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            rows.write(block)


def _attach_and_fill(driver: Any, entity_id: str, file: Path) -> None:  # noqa: ANN401 - A connection of SQLite.
    driver.execute("ATTACH ? AS outside", [str(file)])
    try:
        # Nobody misses the file if it is broken off.
        driver.execute("PRAGMA outside.journal_mode = OFF")
        driver.execute("PRAGMA outside.synchronous = OFF")
        columns = _COLUMNS.format(moment="created_at")
        driver.execute(f"CREATE TABLE outside.ledger AS {columns} ?", [entity_id])
    finally:
        driver.execute("DETACH outside")
