"""The journal: runs, entries and their items, seals, posted transactions, trial balances."""

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, UniqueConstraint

from earned.domain.journal import Act, EntryStatus, RunStatus, Transferred
from earned.domain.posting import Side
from earned.storage.columns import (
    choice,
    day,
    entity,
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

# Periods are no foreign keys here: what was cancelled and deleted outlives the period it was in.
journal_run = table(
    "journal_run",
    key(),
    entity(),
    text("number"),
    text("period_id"),
    day("target_start"),
    day("target_end"),
    CheckConstraint("target_start <= target_end", name="target"),
    day("journal_entry_date"),
    Column("transaction_types", Strings, nullable=False),
    Column("organization_ids", Strings, nullable=False),
    choice("status", RunStatus),
    instant("executed_at", null=True),
    whole("entry_count", least=0),
    flag("deleted"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
)

journal_entry = table(
    "journal_entry",
    key(),
    entity(),
    text("number"),
    refers("run_id", "journal_run", null=True),
    text("period_id"),
    day("time_start", null=True),
    day("time_end", null=True),
    text("currency", length=3),
    day("journal_entry_date"),
    text("transaction_type", null=True),
    choice("status", EntryStatus),
    whole("total_minor", least=0),
    whole("source_count", least=0),
    json("segments"),
    text("organization_label", null=True),
    text("notes", null=True, length=2000),
    text("review_comment", null=True, length=1000),
    choice("transferred", Transferred),
    instant("transferred_at", null=True),
    text("transferred_by", null=True),
    CheckConstraint("(transferred = 'Yes') = (transferred_at IS NOT NULL)", name="transferred_at"),
    CheckConstraint("transferred = 'No' OR status IN ('Created', 'Cancelled')", name="in_force"),
    flag("deleted"),
    CheckConstraint("deleted = 0 OR status = 'Cancelled'", name="deleted").ddl_if("sqlite"),
    CheckConstraint("NOT deleted OR status = 'Cancelled'", name="deleted").ddl_if("postgresql"),
    json("custom_fields"),
    stamps(),
    UniqueConstraint("entity_id", "number"),
    Index("ix_journal_entry_period", "entity_id", "period_id"),
)

journal_entry_item = table(
    "journal_entry_item",
    refers("entry_id", "journal_entry", index=False),
    whole("place", least=1),
    entity(),
    choice("side", Side),
    text("code_name", null=True),
    text("code_type"),
    whole("amount_minor", least=0),
    text("gl_string", null=True, length=350),
    text("notes", null=True, length=1000),
    json("custom_fields"),
    PrimaryKeyConstraint("entry_id", "place"),
    Index("ix_journal_entry_item_code", "entity_id", "code_name"),
)

# Each act once an entry. A trigger (`storage.triggers`) lets no entry be sealed out of balance.
journal_seal = table(
    "journal_seal",
    entity(),
    whole("sequence", least=1),
    refers("entry_id", "journal_entry", index=False),
    choice("act", Act),
    instant("at"),
    text("actor"),
    text("previous_hash", length=64),
    text("hash", length=64),
    PrimaryKeyConstraint("entity_id", "sequence"),
    UniqueConstraint("entry_id", "act"),
)

# A transaction is in one entry at a time: unique while it is in force. A run makes as many rows as
# there are transactions, all at once from entries it has just made, and nothing but a release ever
# changes them: so they have no key of their own and no foreign keys, which would double the work.
posted_source = table(
    "posted_source",
    text("entry_id"),
    text("source_type"),
    text("source_id"),
    text("period_id"),
    text("entity_id"),
    instant("released_at", null=True),
    Index("ix_posted_source_entry_id", "entry_id"),
)
Index(
    "uq_posted_source_in_force",
    posted_source.c.source_id,
    posted_source.c.period_id,
    unique=True,
    sqlite_where=posted_source.c.released_at.is_(None),
    postgresql_where=posted_source.c.released_at.is_(None),
)

trial_balance = table(
    "trial_balance",
    key(),
    entity(),
    text("period_id"),
    instant("run_at"),
    text("run_by"),
    flag("frozen"),
    Index("ix_trial_balance_period", "entity_id", "period_id", "run_at"),
)

trial_balance_row = table(
    "trial_balance_row",
    refers("trial_balance_id", "trial_balance", index=False),
    whole("place", least=1),
    entity(),
    text("currency", length=3),
    text("code_name", null=True),
    text("code_type"),
    whole("opening_minor"),
    whole("debit_minor", least=0),
    whole("credit_minor", least=0),
    whole("closing_minor"),
    CheckConstraint("closing_minor = opening_minor + debit_minor - credit_minor", name="closing"),
    PrimaryKeyConstraint("trial_balance_id", "place"),
)
