"""Every object that can be queried."""

from collections.abc import Mapping

from earned.http.query.consumption import CONSUMPTION
from earned.http.query.fields import (
    STAMPS,
    QueryObject,
    amounts,
    days,
    flags,
    keys,
    one,
    texts,
    wholes,
)
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

ACCOUNTING_CODE = QueryObject(
    name="AccountingCode",
    path="accounting-codes",
    table="accounting_code",
    list_id="queryAccountingCodes",
    key_id="queryAccountingCodeByKey",
    fields=(
        *STAMPS,
        *texts("name category glAccountName glAccountNumber notes status", type="code_type"),
    ),
)

ACCOUNTING_PERIOD = QueryObject(
    name="AccountingPeriod",
    path="accounting-periods",
    table="accounting_period",
    list_id="queryAccountingPeriods",
    key_id="queryAccountingPeriodByKey",
    fields=(
        *STAMPS,
        *texts("name notes status"),
        *days("startDate endDate"),
        *wholes("fiscalYear fiscalQuarter"),
    ),
)

REVENUE_SCHEDULE = QueryObject(
    name="RevenueSchedule",
    path="revenue-schedules",
    table="revenue_schedule",
    list_id="queryRevenueSchedules",
    key_id="queryRevenueScheduleByKey",
    number="number",
    fields=(
        *STAMPS,
        *keys("accountId fundId", subscriptionId="original_subscription_id"),
        *keys(subscriptionChargeId="charge_id"),
        *texts("number currency referenceId notes", recognitionRuleName="rule_name"),
        *amounts(amount="amount_minor"),
        *days(revenueScheduleDate="schedule_date"),
    ),
    links=(one("account", "Account", "account", "account_id"),),
)

OBJECTS: Mapping[str, QueryObject] = {
    known.name: known
    for known in (
        *SALES,
        *CONSUMPTION,
        UNIT_OF_MEASURE,
        ACCOUNTING_CODE,
        ACCOUNTING_PERIOD,
        REVENUE_SCHEDULE,
    )
}
"""By name. Where Zuora has an object, path, fields and operation ids are its own."""
