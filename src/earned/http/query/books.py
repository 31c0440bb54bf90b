"""Codes, periods, schedules and the journal, as object queries show them."""

from earned.http.query.fields import (
    STAMPS,
    QueryObject,
    amounts,
    constant,
    days,
    derived,
    instants,
    keys,
    many,
    one,
    texts,
    wholes,
)

_ACCOUNT = one("account", "Account", "account", "account_id")
_PERIOD = one("accountingPeriod", "AccountingPeriod", "accounting_period", "period_id")

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
    links=(
        _ACCOUNT,
        many("revenueScheduleItems", "RevenueScheduleItem", "item_of_schedule", "id=schedule_id"),
    ),
)

REVENUE_SCHEDULE_ITEM = QueryObject(
    name="RevenueScheduleItem",
    path="revenue-schedule-items",
    table="item_of_schedule",
    list_id="queryRevenueScheduleItems",
    key_id="queryRevenueScheduleItemByKey",
    fields=(
        *keys("id accountId", revenueScheduleId="schedule_id", accountingPeriodId="period_id"),
        *texts("currency", revenueScheduleNumber="schedule_number"),
        *texts(accountingPeriodName="period_name"),
        *amounts(amount="amount_minor"),
    ),
    links=(
        _ACCOUNT,
        _PERIOD,
        one("revenueSchedule", "RevenueSchedule", "revenue_schedule", "schedule_id"),
    ),
)

JOURNAL_RUN = QueryObject(
    name="JournalRun",
    path="journal-runs",
    table="journal_run",
    list_id="queryJournalRuns",
    key_id="queryJournalRunByKey",
    number="number",
    fields=(
        *STAMPS,
        *keys(accountingPeriodId="period_id"),
        *texts("number status"),
        *instants(executedOn="executed_at"),
        *days("journalEntryDate", targetStartDate="target_start", targetEndDate="target_end"),
        *wholes(totalJournalEntryCount="entry_count"),
        *derived(aggregateCurrency=constant(value=False)),
    ),
    links=(_PERIOD, many("journalEntries", "JournalEntry", "journal_entry", "id=run_id")),
)

JOURNAL_ENTRY = QueryObject(
    name="JournalEntry",
    path="journal-entries",
    table="journal_entry",
    list_id="queryJournalEntries",
    key_id="queryJournalEntryByKey",
    number="number",
    fields=(
        *STAMPS,
        *keys(accountingPeriodId="period_id", journalRunId="run_id"),
        *texts("number status currency transactionType organizationLabel notes reviewComment"),
        *texts("transferredBy", transferredToAccounting="transferred"),
        *instants(transferDateTime="transferred_at"),
        *days("journalEntryDate", timePeriodStart="time_start", timePeriodEnd="time_end"),
        *derived(aggregateCurrency=constant(value=False)),
    ),
    links=(
        _PERIOD,
        one("journalRun", "JournalRun", "journal_run", "run_id"),
        many("journalEntryItems", "JournalEntryItem", "item_of_entry", "id=entry_id"),
    ),
)

JOURNAL_ENTRY_ITEM = QueryObject(
    name="JournalEntryItem",
    path="journal-entry-items",
    table="item_of_entry",
    list_id="queryJournalEntryItems",
    key_id="queryJournalEntryItemByKey",
    fields=(
        *keys("id", journalEntryId="entry_id"),
        *texts("currency glString notes", type="side"),
        *texts(accountingCodeName="code_name", accountingCodeType="code_type"),
        *amounts(amount="amount_minor"),
    ),
    links=(one("journalEntry", "JournalEntry", "journal_entry", "entry_id"),),
)

BOOKS = (
    ACCOUNTING_CODE,
    ACCOUNTING_PERIOD,
    REVENUE_SCHEDULE,
    REVENUE_SCHEDULE_ITEM,
    JOURNAL_RUN,
    JOURNAL_ENTRY,
    JOURNAL_ENTRY_ITEM,
)
