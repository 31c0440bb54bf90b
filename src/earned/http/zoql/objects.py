"""The objects of object queries as ZOQL names them: in PascalCase, as CRUD operations do."""

from collections.abc import Mapping
from dataclasses import replace

from earned.domain.charge_spelling import CHOICES, long_form
from earned.http.query.fields import Field, QueryObject
from earned.http.query.objects import OBJECTS

_OBJECT_NAMES: Mapping[str, str] = {"BillingRun": "BillRun"}

_NAMES: Mapping[tuple[str, str], str] = {
    ("BillingRun", "billingRunNumber"): "BillRunNumber",
    ("Usage", "ratePlanChargeId"): "ChargeId",
    ("AccountingCode", "glAccountName"): "GLAccountName",
    ("AccountingCode", "glAccountNumber"): "GLAccountNumber",
}

_CHARGES = frozenset({"ProductRatePlanCharge", "RatePlanCharge"})


def _named(known: QueryObject) -> QueryObject:
    fields = tuple(
        replace(
            field,
            name=_NAMES.get((known.name, field.name), field.name[0].upper() + field.name[1:]),
            spelled=_spelled(known, field),
        )
        for field in known.fields
    )
    return replace(known, name=_OBJECT_NAMES.get(known.name, known.name), fields=fields, links=())


def _spelled(known: QueryObject, field: Field) -> Mapping[str, str]:
    """Return how stored values are spelled here that object queries spell otherwise."""
    if known.name == "AccountingPeriod" and field.column == "status":
        return {"PendingClose": "Open"}
    if known.name not in _CHARGES or field.column not in CHOICES:
        return {}
    spelled = {value: long_form(field.column, value) for value in CHOICES[field.column]}
    if field.column == "charge_type":
        spelled["OneTime"] = "One-Time"
    return {value: shown for value, shown in spelled.items() if shown != value}


ZOQL_OBJECTS: Mapping[str, QueryObject] = {
    known.name.lower(): known for known in map(_named, OBJECTS.values())
}
"""By name in lower case: names of objects and fields are the same in either case."""
