"""How reports look on the wire, for the description of the API."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from earned.http.answers import V1Answer


class RowAnswer(BaseModel):
    """A row, or the totals of a currency; the other fields are those of the report."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)

    currency: str


class ReportAnswer(V1Answer):
    """A page of a report, and the totals of all its pages.

    `asOf` is null where the report says all that is known.
    """

    report: str
    as_of: str | None
    compare_to: str | None
    rows: list[RowAnswer]
    totals: list[RowAnswer]
    next_page: str | None = None
