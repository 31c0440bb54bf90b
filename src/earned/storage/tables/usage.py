"""Usage records and guided usage."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

from earned.domain.usage_import import ImportStatus
from earned.storage.columns import (
    choice,
    day,
    entity,
    exact,
    flag,
    instant,
    json,
    key,
    refers,
    stamps,
    table,
    text,
    whole,
)
from earned.storage.types import Strings

usage_record = table(
    "usage_record",
    key(),
    entity(),
    refers("account_id", "account", index=False),
    text("account_number"),
    text("subscription_id", null=True),
    text("subscription_number", null=True),
    text("charge_id", null=True),
    text("charge_number", null=True),
    text("uom"),
    exact("quantity"),
    instant("start_date_time"),
    instant("end_date_time", null=True),
    CheckConstraint("start_date_time <= end_date_time", name="dates"),
    day("usage_date"),
    text("description", null=True, length=200),
    text("unique_key", null=True, length=255),
    text("rbe_status", "Importing", "Pending", "Processed"),
    text("source_type", "API", "Import"),
    text("file_name", null=True),
    text("import_id", null=True),
    flag("deleted"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "unique_key"),
    Index("ix_usage_record_account", "account_id", "start_date_time"),
)

guided_usage = table(
    "guided_usage",
    key(),
    entity(),
    refers("usage_id", "usage_record"),
    refers("account_id", "account", index=False),
    text("charge_id"),
    text("charge_number"),
    whole("charge_segment", least=1),
    text("original_subscription_id"),
    text("uom"),
    exact("quantity"),
    day("usage_date"),
    exact("remaining_quantity"),
    whole("amount_minor", null=True),
    text("group_key", null=True, length=255),
    text("status", "Pending", "Processed"),
    flag("deleted"),
    stamps(),
)

# Written out, so that a database knows the index by it, whatever the values of a statement are.
IS_PENDING = and_(
    guided_usage.c.status == literal_column("'Pending'"),
    guided_usage.c.deleted == literal_column("false"),
)
# What waits to be drawn or billed; usage that funds have covered costs nothing here.
Index(
    "ix_guided_usage_pending",
    guided_usage.c.charge_id,
    guided_usage.c.usage_date,
    sqlite_where=IS_PENDING,
    postgresql_where=IS_PENDING,
)

usage_import = table(
    "usage_import",
    key(),
    entity(),
    text("name", length=255),
    text("file_name"),
    text("md5", length=32),
    whole("size", least=0),
    Column("organization_ids", Strings, nullable=True),
    choice("status", ImportStatus),
    text("status_reason", null=True, length=2000),
    whole("total_count", least=0),
    whole("imported_count", least=0),
    CheckConstraint("imported_count = 0 OR status = 'Completed'", name="whole_or_not_at_all"),
    json("refused_rows"),
    whole("attempts", least=0),
    flag("is_kept"),
    text("result_id", null=True, length=32),
    whole("result_size", null=True, least=0),
    stamps(),
    UniqueConstraint("result_id"),
    Index("ix_usage_import_status", "status"),
)

# Apart from the import: whoever asks for its status does not read its file, nor its result. Parts
# of a large file are there before its import is. A file has the id of its import.
usage_import_part = table(
    "usage_import_part",
    Column("file_id", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    entity(),
    instant("created_at"),
    Column("content", LargeBinary, nullable=False),
)
