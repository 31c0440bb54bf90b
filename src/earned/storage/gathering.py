"""Where postings are gathered while a journal run adds them up and links them to its entries.

Temporary tables, of one transaction: the transactions of a period are found once, however many they
are. A blank name is an empty one here, because null equals nothing.
"""

from sqlalchemy import Column, Connection, Integer, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.schema import CreateTable, DropTable

from earned.storage.types import Whole

KIND = (
    *("credit_name", "source_type", "currency"),
    *("debit_name", "debit_type", "credit_type", "swapped"),
)
"""What makes postings of one kind. The name that differs most comes first: most is compared then.

The codes are the sides of a positive amount; `swapped` is 1 where the amount is negative.
"""

_metadata = MetaData()


def _kind() -> list[Column[object]]:
    texts: list[Column[object]] = [Column(name, Text, nullable=False) for name in KIND[:-1]]
    return [*texts, Column("swapped", Integer, nullable=False)]


gathered = Table(
    "gathered_posting",
    _metadata,
    *_kind(),
    Column("source_id", Text, nullable=False),
    Column("period_id", Text, nullable=False),
    Column("amount_minor", Whole, nullable=False),
    prefixes=["TEMPORARY"],
)

entry_of_kind = Table(
    "gathered_kind",
    _metadata,
    *_kind(),
    Column("entry_id", Text, nullable=False),
    PrimaryKeyConstraint(*KIND),
    prefixes=["TEMPORARY"],
)


def make_room(connection: Connection) -> None:
    """Make both tables, empty."""
    clear(connection)
    for table in (gathered, entry_of_kind):
        connection.execute(CreateTable(table))


def clear(connection: Connection) -> None:
    """Drop what is there of them."""
    for table in (gathered, entry_of_kind):
        connection.execute(DropTable(table, if_exists=True))
