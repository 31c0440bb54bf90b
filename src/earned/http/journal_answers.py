"""What answers about journal runs and entries say they have (R 6.2, R 6.4)."""

from datetime import date

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from earned.domain.journal import EntryStatus, RunStatus, Transferred
from earned.domain.posting import Side, TransactionType
from earned.http.answers import V1Answer


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", alias_generator=to_camel)


class TypeOfRun(_Part):
    """A transaction type that a run picks up."""

    type: TransactionType


class RunAnswer(V1Answer):
    """A journal run."""

    number: str
    status: RunStatus
    executed_on: str | None
    journal_entry_date: date
    accounting_period_name: str | None
    target_start_date: date
    target_end_date: date
    aggregate_currency: bool
    segmentation_rule_name: str | None
    total_journal_entry_count: int
    transaction_types: list[TypeOfRun]
    organization_labels: list[dict[str, str]]


class EntryItemAnswer(_Part):
    """An item of a journal entry."""

    type: Side
    accounting_code_name: str | None
    accounting_code_type: str
    amount: str
    home_currency_amount: str | None
    gl_account_name: str | None
    gl_account_number: str | None
    gl_string: str | None
    notes: str | None


class EntryFields(_Part):
    """A journal entry. `hash` is that of its seal, `previousHash` what it was made from."""

    number: str
    status: EntryStatus
    accounting_period_name: str | None
    journal_run_number: str | None
    journal_entry_date: date
    time_period_start: date | None
    time_period_end: date | None
    transaction_type: str | None
    currency: str
    home_currency: str | None
    aggregate_currency: bool
    segments: list[dict[str, str]]
    organization_label: str | None
    notes: str | None
    review_comment: str | None
    transferred_to_accounting: Transferred
    transfer_date_time: str | None
    transferred_by: str | None
    journal_entry_items: list[EntryItemAnswer]
    sequence: int | None
    previous_hash: str | None
    hash: str | None


class EntryAnswer(EntryFields, V1Answer):
    """One journal entry."""


class EntryList(V1Answer):
    """A page of the entries of a journal run, by number."""

    journal_entries: list[EntryFields]
    next_page: str | None = None
