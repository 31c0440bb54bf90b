"""Every object that can be queried."""

from collections.abc import Mapping

from earned.http.query.billing import BILLING
from earned.http.query.books import BOOKS
from earned.http.query.consumption import CONSUMPTION
from earned.http.query.fields import STAMPS, QueryObject, flags, texts, wholes
from earned.http.query.sales import SALES

UNIT_OF_MEASURE = QueryObject(
    name="UnitOfMeasure",
    path="units-of-measure",
    table="unit_of_measure",
    list_id="queryUnitsOfMeasure",
    key_id="queryUnitOfMeasureByKey",
    number="name",
    fields=(
        *STAMPS,
        *texts("displayedAs roundingMode usageLogFileLabel", uomName="name"),
        *wholes("decimalPlaces"),
        *flags("active"),
    ),
)

OBJECTS: Mapping[str, QueryObject] = {
    known.name: known for known in (*SALES, *CONSUMPTION, *BILLING, UNIT_OF_MEASURE, *BOOKS)
}
"""By name. Where Zuora has an object, path, fields and operation ids are its own."""
