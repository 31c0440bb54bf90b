"""Reports as named fields, the way JSON has them: the periods of a waterfall become a list."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from earned.domain.reporting import CHANGE, Column, Report, Value

PERIODS = "accountingPeriods"

Fields = Mapping[str, object]


def row_fields(report: Report, row: Sequence[Value]) -> Fields:
    """Return a row by the names of its columns. What has no value is null."""
    fields: dict[str, object] = {}
    cells: dict[str, dict[str, object]] = {}
    for column, value in zip(report.columns, row, strict=True):
        if column.period is None:
            fields[column.name] = value
        else:
            cells.setdefault(column.period.name, {}).update(_cell(column, value))
    return {**fields, PERIODS: list(cells.values())} if cells else fields


def _cell(column: Column, value: Value) -> Fields:
    """Return what a column adds to the cell of its period."""
    period = column.period
    assert period is not None
    assert isinstance(value, Decimal | None)
    amount = {f"amount{period.figure}": value}
    if period.figure == CHANGE:
        return amount
    status = {f"status{period.figure}": period.status}
    if period.figure:
        return {**status, **amount}
    return {
        "accountingPeriodName": period.name,
        "accountingPeriodStartDate": period.start_date,
        "accountingPeriodEndDate": period.end_date,
        **status,
        **amount,
    }
