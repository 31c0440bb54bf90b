"""Whose books these are: tenants, entities, organisations, their settings, and who is asking."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from earned.domain.permissions import EVERYTHING, Permission
from earned.domain.written_dates import DateFormat

CustomFields = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """Who made a row and who changed it last, and when (UTC)."""

    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A customer of this server: owns entities, clients and settings."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One set of books. Numbers, periods, codes and all business objects belong to an entity.

    `revision` grows with every change of anything that usage is resolved against.
    """

    id: str
    tenant_id: str
    name: str
    revision: int = 0
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A part of an entity that accounts may belong to; limits what is read."""

    id: str
    entity_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """A client that may ask for tokens. The secret is stored as a salted hash only.

    `withheld_permissions` is what it may not do; it may do everything else.
    """

    id: str
    tenant_id: str
    user_id: str
    name: str
    secret_hash: str
    entity_ids: tuple[str, ...]
    organization_ids: tuple[str, ...] = ()
    withheld_permissions: tuple[str, ...] = ()
    active: bool = True
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A bearer token, by its hash."""

    token_hash: str
    client_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Settings:
    """What an entity decides for its books. Wire names are in `docs/reference/settings.md`."""

    time_zone: str = "UTC"
    prepaid_with_drawdown: bool = True
    negative_usage: bool = True
    auto_expire_funds: bool = False
    expiry_grace_days: int = 0
    unique_key: str = "upsert"
    include_usage_from_child_accounts: bool = False
    rate_usage_individually: bool = False
    bill_periods_without_usage: bool = False
    credit_unbilled_periods: bool = False
    limit_usage_files: bool = True
    keep_usage_files: str = "small"
    date_format: str = str(DateFormat.MONTH_FIRST)
    open_ended_plug: bool = False
    allow_blank_accounting_codes: bool = True
    allow_creation_in_closed_period: bool = True
    allow_usage_in_closed_period: bool = True
    allow_revenue_schedule_negative_amounts: bool = False
    multiple_ar_accounting_codes: bool = False
    review_journal_entries: bool = False
    monthly_recognition: bool = False
    default_zuora_version: str = "186.0"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that decides on which day of the books an instant falls."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is asking, and what they may see.

    `organization_ids` is None where the entity has no organisations to tell apart. Whoever is at
    the machine itself may do everything.
    """

    tenant_id: str
    entity_id: str
    user_id: str
    organization_ids: frozenset[str] | None = None
    permissions: frozenset[Permission] = EVERYTHING
