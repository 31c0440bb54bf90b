"""Tenants, entities, organisations, clients, tokens, settings, numbers, replies, audit."""

from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

from earned.domain.money import RoundingMode
from earned.storage.columns import (
    choice,
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
from earned.storage.types import Instant, Strings

tenant = table("tenant", key(), text("name"), instant("created_at"))

entities = table(
    "entity",
    key(),
    refers("tenant_id", "tenant"),
    text("name"),
    whole("revision", least=0),
    instant("created_at"),
    UniqueConstraint("tenant_id", "name"),
)

organization = table(
    "organization", key(), entity(), text("name"), UniqueConstraint("entity_id", "name")
)

oauth_client = table(
    "oauth_client",
    Column("id", Text, primary_key=True),
    refers("tenant_id", "tenant"),
    text("user_id"),
    text("name"),
    text("secret_hash"),
    Column("entity_ids", Strings, nullable=False),
    Column("organization_ids", Strings, nullable=False),
    Column("withheld_permissions", Strings, nullable=False),
    flag("active"),
    instant("created_at"),
)

access_token = table(
    "access_token",
    Column("token_hash", Text, primary_key=True),
    refers("client_id", "oauth_client"),
    instant("expires_at"),
)

setting = table(
    "setting",
    entity(),
    text("name"),
    json("value"),
    PrimaryKeyConstraint("entity_id", "name"),
)

# How amounts of a currency are rounded; ISO 4217's way where there is no row.
currency = table(
    "currency",
    entity(),
    text("code", length=3),
    choice("rounding", RoundingMode),
    whole("increment_minor", least=1),
    flag("active"),
    stamps(),
    PrimaryKeyConstraint("entity_id", "code"),
)

number_sequence = table(
    "number_sequence",
    entity(),
    text("kind"),
    whole("last", least=0),
    PrimaryKeyConstraint("entity_id", "kind"),
)

idempotency_key = table(
    "idempotency_key",
    Column("key", Text, primary_key=True),
    text("tenant_id"),
    text("entity_id"),
    text("method"),
    text("url"),
    text("fingerprint"),
    Column("status", Integer, nullable=False),
    json("headers"),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
)

# A chain: each entry starts from the hash of the one before it.
audit_entry = table(
    "audit_entry",
    key(),
    entity(),
    whole("sequence", least=1),
    instant("at"),
    text("actor"),
    text("action"),
    text("object_type"),
    text("object_id"),
    json("detail"),
    text("previous_hash", length=64),
    text("hash", length=64),
    UniqueConstraint("entity_id", "sequence"),
)
