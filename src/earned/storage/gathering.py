"""Where postings are gathered while a journal run adds them up and links them to its entries.

Temporary tables, of one transaction: the transactions of one type in one period are found once,
however many they are. A blank name is an empty one here, because null equals nothing.
"""

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.schema import CreateTable, DropTable

from earned.storage.types import Whole

KIND = ("credit_name", "currency", "debit_name", "debit_type", "credit_type")
"""What makes postings of one kind: the sides of a positive amount, and a currency.

What differs most comes first, because the database compares in this order.
"""

_metadata = MetaData()


def _kind() -> list[Column[object]]:
    return [Column(name, Text, nullable=False) for name in KIND]


gathered = Table(
    "gathered_posting",
    _metadata,
    *_kind(),
    Column("source_id", Text, nullable=False),
    Column("amount_minor", Whole, nullable=False),
    prefixes=["TEMPORARY"],
)

entry_of_kind = Table(
    "gathered_kind",
    _metadata,
    *_kind(),
    Column("positive_id", Text),
    Column("negative_id", Text),
    PrimaryKeyConstraint(*KIND),
    prefixes=["TEMPORARY"],
)
"""Which entry the positive amounts of a kind are in, and which the negative ones."""


def make_room(connection: Connection) -> None:
    """Make both tables, empty."""
    clear(connection)
    for table in (gathered, entry_of_kind):
        connection.execute(CreateTable(table))


def clear(connection: Connection) -> None:
    """Drop what is there of them."""
    for table in (gathered, entry_of_kind):
        connection.execute(DropTable(table, if_exists=True))
