"""The catalog: units of measure, products, rate plans and their charges."""

from dataclasses import dataclass, field
from datetime import date

from earned.domain.charge import ChargeTerms
from earned.domain.tenancy import CustomFields, Stamped


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitOfMeasure(Stamped):
    """A unit that quantities are counted in: decimals 0 to 9, rounding `Up` or `Down` (U 1.3)."""

    id: str
    entity_id: str
    name: str
    displayed_as: str
    decimal_places: int
    rounding_mode: str = "Up"
    active: bool = True
    usage_log_file_label: str | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(Stamped):
    """Something sold between two dates (both inclusive, as the catalog says them)."""

    id: str
    entity_id: str
    number: str
    name: str
    sku: str | None = None
    category: str | None = None
    description: str | None = None
    effective_start_date: date
    effective_end_date: date
    allow_feature_changes: bool = False
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRatePlan(Stamped):
    """A set of charges that are subscribed to together."""

    id: str
    entity_id: str
    number: str
    product_id: str
    name: str
    description: str | None = None
    effective_start_date: date | None = None
    effective_end_date: date | None = None
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRatePlanCharge(ChargeTerms):
    """A charge as the catalog offers it."""

    id: str
    entity_id: str
    number: str
    product_rate_plan_id: str
    custom_fields: CustomFields = field(default_factory=dict)
