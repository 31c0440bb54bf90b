"""What use cases need of the outside: one entity's books, open in one transaction.

A use case takes `Books` and a command of values, decides with the functions of `earned.domain`,
and stores through the repositories. It never commits: the unit of work that lent it the books
does, once, after the last use case of the group, or rolls all of it back.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from earned.domain.account import Account
from earned.domain.accounting import AccountingCode, AccountingPeriod, PeriodChange
from earned.domain.action_items import ActionItem
from earned.domain.as_of import Known
from earned.domain.bill_run import BillRun
from earned.domain.billing import BillingDocument, BillingDocumentItem, InvoiceItemAdjustment
from earned.domain.calendar import Days
from earned.domain.catalog import Product, ProductRatePlan, ProductRatePlanCharge, UnitOfMeasure
from earned.domain.collecting import Collected, CollectedAmount, Landing
from earned.domain.consumption import DailyConsumption, RatingResult, RevenueEvent
from earned.domain.currencies import CurrencyRules
from earned.domain.event_types import RevenueEventType
from earned.domain.individual import Uncovered
from earned.domain.journal import JournalEntry, JournalEntryItem, JournalRun, PostedSource, Seal
from earned.domain.locator import QueryLocator
from earned.domain.money import Currency
from earned.domain.new_period import Waiting
from earned.domain.notifying import Notification, Threshold
from earned.domain.posting import PostingSum, Side, Target, TransactionType
from earned.domain.prepaid import (
    BalanceTransaction,
    Fund,
    PrepaidBalance,
    ValidityPeriodSummary,
)
from earned.domain.processed_usage import ProcessedUsage
from earned.domain.query import Row, RowQuery
from earned.domain.recognition_rule import RecognitionRule, RevenueAutomation
from earned.domain.schedule import (
    Distribution,
    DistributionItem,
    RevenueItem,
    RevenueSchedule,
)
from earned.domain.subscription import Order, RatePlan, RatePlanCharge, Subscription
from earned.domain.tenancy import Scope, Settings
from earned.domain.traces import AuditEntry, Trace
from earned.domain.trial_balance import LedgerAccount, TrialBalance, TrialBalanceRow
from earned.domain.usage import GuidedUsage, UsageRecord
from earned.domain.usage_import import UsageImport
from earned.services.facts import Facts
from earned.services.load_rows import Load, Staging
from earned.services.trail import Trail

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Above:
    """A criterion: greater than `value`."""

    value: int


class Repository(Protocol[T]):
    """The rows of one kind in one entity's books, as domain values.

    Criteria are column names with the value they must equal (None: is null); a list, tuple or set
    means any of its members. What the caller's organisations may not see is not found.
    """

    def add(self, row: T) -> T:
        """Store a new row and return it."""

    def add_all(self, rows: Sequence[T]) -> None:
        """Store many new rows with few statements."""

    def find(self, **criteria: object) -> T | None:
        """Return the one row that meets the criteria, or None."""

    def list(
        self,
        *,
        order_by: Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
        lock: bool = False,
        **criteria: object,
    ) -> Sequence[T]:
        """Return the rows that meet the criteria; a leading `-` in `order_by` means descending.

        With `lock`, nobody else changes them until the transaction ends.
        """

    def stream(self, *, order_by: Sequence[str] = (), **criteria: object) -> Iterator[T]:
        """Yield the rows that meet the criteria; however many they are, few are held at a time."""

    def count(self, **criteria: object) -> int:
        """Count the rows that meet the criteria."""

    def change(self, row: T, **changes: object) -> T:
        """Store `row` with `changes`, stamped with the books' time and user, and return it."""

    def save_all(self, rows: Sequence[T], *, only: Sequence[str] = ()) -> None:
        """Insert the rows, or overwrite those that are there by primary key.

        With `only`, an existing row has just those columns overwritten.
        """

    def update_all(self, changes: Sequence[Mapping[str, object]]) -> None:
        """Change rows by primary key, with one statement: each mapping has the key and new values.

        All mappings name the same columns.
        """

    def remove(self, row: T) -> None:
        """Delete a row that nothing refers to."""

    def remove_all(self, **criteria: object) -> None:
        """Delete the rows that meet the criteria; nothing refers to them."""


class NumberKind(StrEnum):
    """What is numbered, and how its numbers begin."""

    ACCOUNT = "A"
    PRODUCT = "PC-"
    PRODUCT_RATE_PLAN = "PRP-"
    PRODUCT_RATE_PLAN_CHARGE = "PRPC-"
    ORDER = "O-"
    SUBSCRIPTION = "A-S"
    CHARGE = "C-"
    REVENUE_SCHEDULE = "RS-"
    DISTRIBUTION = "RE-"
    INVOICE = "INV-"
    CREDIT_MEMO = "CM-"
    DEBIT_MEMO = "DM-"
    BILL_RUN = "BR-"
    INVOICE_ITEM_ADJUSTMENT = "IIA-"
    JOURNAL_RUN = "JR-"
    JOURNAL_ENTRY = "JE-"
    AUDIT_ENTRY = ""


class Books(Protocol):
    """One entity's books in one transaction, at one instant, for one user."""

    scope: Scope
    now: datetime

    accounts: Repository[Account]
    units: Repository[UnitOfMeasure]
    products: Repository[Product]
    product_rate_plans: Repository[ProductRatePlan]
    product_charges: Repository[ProductRatePlanCharge]
    orders: Repository[Order]
    subscriptions: Repository[Subscription]
    rate_plans: Repository[RatePlan]
    charges: Repository[RatePlanCharge]
    balances: Repository[PrepaidBalance]
    validity_periods: Repository[ValidityPeriodSummary]
    funds: Repository[Fund]
    transactions: Repository[BalanceTransaction]
    usage: Repository[UsageRecord]
    guided_usage: Repository[GuidedUsage]
    usage_imports: Repository[UsageImport]
    rating_results: Repository[RatingResult]
    consumption: Repository[DailyConsumption]
    events: Repository[RevenueEvent]
    codes: Repository[AccountingCode]
    periods: Repository[AccountingPeriod]
    period_changes: Repository[PeriodChange]
    schedules: Repository[RevenueSchedule]
    items: Repository[RevenueItem]
    distributions: Repository[Distribution]
    distribution_items: Repository[DistributionItem]
    collected: Repository[CollectedAmount]
    event_types: Repository[RevenueEventType]
    documents: Repository[BillingDocument]
    document_items: Repository[BillingDocumentItem]
    adjustments: Repository[InvoiceItemAdjustment]
    bill_runs: Repository[BillRun]
    processed_usage: Repository[ProcessedUsage]
    journal_runs: Repository[JournalRun]
    entries: Repository[JournalEntry]
    entry_items: Repository[JournalEntryItem]
    seals: Repository[Seal]
    posted: Repository[PostedSource]
    trial_balances: Repository[TrialBalance]
    trial_balance_rows: Repository[TrialBalanceRow]
    currencies: Repository[CurrencyRules]
    recognition_rules: Repository[RecognitionRule]
    revenue_automation: Repository[RevenueAutomation]
    thresholds: Repository[Threshold]
    notifications: Repository[Notification]
    audit: Repository[AuditEntry]
    locators: Repository[QueryLocator]

    @property
    def settings(self) -> Settings:
        """What the entity has decided."""

    @property
    def entire(self) -> "Books":
        """These books with what every organisation has in them, not only the caller's.

        For checks that concern the whole entity (is it used by anybody?), never for answers.
        """

    def currency(self, code: str) -> Currency:
        """Return a currency as the entity rounds it: what amounts are computed with."""

    def today(self) -> date:
        """The day of the books at `now`."""

    def new_id(self) -> str:
        """Return an id: 32 hex characters, later ids sort later."""

    def next_number(self, kind: NumberKind) -> str:
        """Take the next number of a kind; given back if the use case fails."""

    def next_numbers(self, kind: NumberKind, count: int) -> Sequence[str]:
        """Take the next `count` numbers of a kind at once."""

    def stamp(self) -> dict[str, Any]:
        """Return `created_by`, `created_at`, `updated_by`, `updated_at` for a new row."""

    def restamp(self) -> dict[str, Any]:
        """Return `updated_by`, `updated_at` for a row that changes."""

    def lock_balances(self, ids: Iterable[str]) -> Sequence[PrepaidBalance]:
        """Lock prepaid balances with all that hangs on them, in id order; return them as they are.

        Until the transaction ends nobody else changes their funds, transactions or daily rows.
        """

    def collect(self, landings: Sequence[Landing], open_ended_id: str) -> Collected:
        """Move what revenue events say beyond what was collected to the periods where it lands.

        The whole entity's, whoever asks: a period closes for all organisations at once.
        """

    def amounts_of_charge(self, charge_id: str) -> Mapping[str, int]:
        """Return minor units by period id over all schedules of a charge, by its original id."""

    def draft_documents(self, through: date, at: datetime | None = None) -> Sequence[ActionItem]:
        """Return the billing documents dated up to `through` that are drafts, by day.

        The whole entity's, whoever asks. With `at`, those that were drafts at that moment.
        """

    def paying_accounts(self, after: str, limit: int) -> Sequence[str]:
        """Return the ids beyond `after`, in order, of accounts that pay for subscriptions."""

    def ended_balances(self, through: date) -> Sequence[str]:
        """Return the ids of prepaid balances with a fund that is over and may expire, in order.

        Its last day is not later than `through`, units are left, and it is not done. The whole
        entity's, whoever asks.
        """

    def pending_usage(self, charge_ids: Collection[str], days: Collection[Days]) -> Sequence[str]:
        """Return the ids of records with something pending on charges (original ids) on days.

        What no fund covered and nobody has billed, in the order it was recorded.
        """

    def uncovered_usage(
        self, charge_id: str, segment: int, days: Days, group: str | None
    ) -> Sequence[Uncovered]:
        """Return what no fund covered of the usage of a charge segment, in one rating group of it.

        Billed or not, record by record; reversals are none.
        """

    def rated_for_others(self) -> Collection[str]:
        """Return the ids of accounts that have charges which usage of other accounts counts on."""

    def waiting_revenue(self, through: date) -> Sequence[Waiting]:
        """Return schedules whose recognition begins by `through` and with revenue in Open-Ended.

        Only those that a formula spread last. The whole entity's, whoever asks.
        """

    def give_shares(
        self, shares: Mapping[str, int], period_id: str, open_ended_id: str
    ) -> Sequence[str]:
        """Move each schedule's share out of Open-Ended into a period; return the numbers made.

        One distribution a schedule, `Accounting Period(s) Created`; there is at least one.
        """

    def touch_schedules(self, ids: Sequence[str]) -> None:
        """Stamp revenue schedules as changed now, by whom the books are open for."""

    def sum_postings(
        self, target: Target, types: Iterable[TransactionType]
    ) -> Sequence[PostingSum]:
        """Add up the postings of transactions, by type, currency, debit and credit code.

        All of them, in an entry or not.
        """

    def gather_postings(self, target: Target, kind: TransactionType) -> Sequence[PostingSum]:
        """Find the transactions of a type that are in no entry in force; add their postings up.

        They stay at hand until they are linked.
        """

    def link_gathered(self, target: Target, entries: Sequence[tuple[PostingSum, str]]) -> int:
        """Link each transaction that was gathered to the entry of its sum; return how many."""

    def release_sources(self, entry_ids: Sequence[str]) -> None:
        """Let go of what is in entries, so that another run may pick it up."""

    def sum_posted(self, run: JournalRun, target: Target) -> Mapping[str, Sequence[PostingSum]]:
        """Add up again what each entry of a run was made of, by entry and codes."""

    def last_number(self, kind: NumberKind) -> int:
        """Return how many numbers of a kind were given."""

    def sum_manual_items(self, period_id: str) -> Sequence[tuple[LedgerAccount, Side, int]]:
        """Add up the items of entries made by hand that are in force in a period."""

    def remember(self, question: tuple[str, ...], find: Callable[[], T]) -> T:
        """Return what `find` finds, or has found before if no structure has changed since.

        Prepaid balances come and go with subscriptions, which are structure.
        """

    @property
    def is_shared(self) -> bool:
        """Whether others write meanwhile, so that what is changed has to be locked."""

    def lock_balance_versions(self, ids: Iterable[str]) -> Mapping[str, int]:
        """Lock prepaid balances as `lock_balances` does; return the version of each."""

    def lock_rating_versions(self, ids: Iterable[str]) -> Mapping[str, int]:
        """Lock the rating results there are among `ids`, in id order; return their versions."""

    def claim_ratings(self, ids: Collection[str]) -> None:
        """Keep others who claim rating results that are not there yet from storing them."""

    def take_all(self, kind: type[T], versions: Mapping[str, int]) -> dict[str, T]:
        """Take over what was kept of a kind, by id, as far as it is of the version given.

        What is taken is the taker's alone, to change; it is gone unless kept again. What is not
        there has to be read, which may take time.
        """

    def take_time(self) -> None:
        """Say that what follows may take long: a group that others wait for begins elsewhere."""

    def keep(self, identity: str, version: int, value: object) -> None:
        """Keep working state for later transactions, once this one has committed."""

    def load(self, staging: Staging, loads: Sequence[Load], *, midway: bool = False) -> None:
        """Store rows made outside, by the million; `midway`, the transaction stores more later."""

    def known_keys(self, keys: Sequence[str]) -> set[str]:
        """Return which of the unique keys usage records of the entity have."""

    @property
    def trail(self) -> Trail:
        """The chain from journal lines to usage records, to explain a number by."""

    def facts(self, known: Known, account_id: str | None) -> Facts:
        """Return what reports are made of: as known at a moment, of all customers or of one."""

    def search(self, query: RowQuery) -> Sequence[Row]:
        """Return stored rows as they lie, by column name: what object queries read."""

    def leave(self, trace: Trace) -> None:
        """Have a trace written to the audit log as the last thing before the commit."""

    def together(self) -> AbstractContextManager[None]:
        """Send what the block stores together; nothing is read back inside it."""

    def change_settings(self, changes: Mapping[str, object]) -> None:
        """Store settings by their field names; the books see them at once."""

    def store_part(self, file_id: str, place: int, content: bytes) -> None:
        """Store a part of a file, numbered from 0; perhaps before there is an import of it."""

    def parts(self, file_id: str, first: int = 0) -> Iterator[bytes]:
        """Yield the parts of a file in order from one on, one of them held at a time."""

    def forget_parts(self, file_id: str) -> None:
        """Delete the parts of a file."""

    def attempt(self) -> AbstractContextManager[None]:
        """Undo what was stored inside if the block raises; what came before stays."""
