"""One entity's books on an open connection: implements `earned.services.ports.Books`."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, select, update

from earned.domain.account import Account
from earned.domain.accounting import AccountingCode, AccountingPeriod, PeriodChange
from earned.domain.as_of import Known
from earned.domain.bill_run import BillRun
from earned.domain.billing import BillingDocument, BillingDocumentItem, InvoiceItemAdjustment
from earned.domain.calendar import day_of
from earned.domain.catalog import (
    Product,
    ProductRatePlan,
    ProductRatePlanCharge,
    UnitOfMeasure,
)
from earned.domain.collecting import CollectedAmount
from earned.domain.consumption import DailyConsumption, RatingResult, RevenueEvent
from earned.domain.currencies import CurrencyRules
from earned.domain.event_types import RevenueEventType
from earned.domain.journal import JournalEntry, JournalEntryItem, JournalRun, PostedSource, Seal
from earned.domain.locator import QueryLocator
from earned.domain.money import Currency
from earned.domain.notifying import Notification, Threshold
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
from earned.domain.trial_balance import TrialBalance, TrialBalanceRow
from earned.domain.usage import GuidedUsage, UsageRecord
from earned.domain.usage_import import UsageImport
from earned.services.ports import NumberKind
from earned.storage import tables
from earned.storage.billing import BillingBooks
from earned.storage.collecting import CollectingBooks
from earned.storage.explaining.trail import SqlTrail
from earned.storage.imports import forget_parts, parts, store_part
from earned.storage.journal import JournalBooks
from earned.storage.loading import LoadingBooks
from earned.storage.locking import claim_absent, lock_versions
from earned.storage.numbering import take_numbers
from earned.storage.object_query import find_rows
from earned.storage.pending import PendingBooks
from earned.storage.pipeline import Pipeline
from earned.storage.reporting.facts import SqlFacts
from earned.storage.repository import Mapped
from earned.storage.summing import SummingBooks
from earned.storage.upsert import upsert
from earned.storage.waiting import WaitingBooks

T = TypeVar("T")

Memory = dict[object, object]
Key = tuple[type, str]
Kept = OrderedDict[Key, tuple[int, object]]

KEPT_MAX = 4096
_NUMBER_DIGITS = 8


class TakesLong(Exception):
    """What comes next may take long, in a transaction that may not."""


@dataclass
class Workbench:
    """Working state that outlives a transaction: what is kept, and what this one will keep.

    A transaction in a hurry has others wait for it that have nothing to do with the books. `traces`
    are what it will write to the audit logs, in order.
    """

    kept: Kept = field(default_factory=OrderedDict)
    in_a_hurry: bool = False
    staged: dict[Key, tuple[int, object]] = field(default_factory=dict)
    traces: list[Trace] = field(default_factory=list)
    currencies: dict[tuple[str, str], Currency] = field(default_factory=dict)
    pipeline: Pipeline = field(default_factory=Pipeline)

    def holds(self, kind: type, identity: str, version: int) -> bool:
        """Say whether something is kept of a version."""
        known = self.kept.get((kind, identity))
        return known is not None and known[0] == version

    def commit(self) -> None:
        """Keep what was staged; forget what was not used for longest."""
        self.kept.update(self.staged)
        while len(self.kept) > KEPT_MAX:
            self.kept.popitem(last=False)


class SqlBooks(
    WaitingBooks,
    CollectingBooks,
    BillingBooks,
    JournalBooks,
    LoadingBooks,
    SummingBooks,
    PendingBooks,
):
    """The books of `scope.entity_id` on `connection`, at `now`.

    `memory` holds what structural repositories have found at the entity's present revision, or is
    None where nothing may be remembered: in a reader, and after the transaction changed structure.
    """

    accounts = Mapped(tables.accounts.account, Account, structural=True)
    units = Mapped(tables.catalog.unit_of_measure, UnitOfMeasure, structural=True)
    products = Mapped(tables.catalog.product, Product, structural=True)
    product_rate_plans = Mapped(tables.catalog.product_rate_plan, ProductRatePlan, structural=True)
    product_charges = Mapped(
        tables.catalog.product_rate_plan_charge, ProductRatePlanCharge, structural=True
    )
    orders = Mapped(tables.subscriptions.order, Order)
    subscriptions = Mapped(tables.subscriptions.subscription, Subscription, structural=True)
    rate_plans = Mapped(tables.subscriptions.rate_plan, RatePlan, structural=True)
    charges = Mapped(tables.subscriptions.rate_plan_charge, RatePlanCharge, structural=True)
    balances = Mapped(tables.prepaid.prepaid_balance, PrepaidBalance)
    validity_periods = Mapped(tables.prepaid.validity_period_summary, ValidityPeriodSummary)
    funds = Mapped(tables.prepaid.fund, Fund)
    transactions = Mapped(tables.prepaid.balance_transaction, BalanceTransaction)
    usage = Mapped(tables.usage.usage_record, UsageRecord)
    guided_usage = Mapped(tables.usage.guided_usage, GuidedUsage)
    usage_imports = Mapped(tables.usage.usage_import, UsageImport)
    rating_results = Mapped(tables.consumption.rating_result, RatingResult)
    consumption = Mapped(tables.consumption.daily_consumption, DailyConsumption)
    events = Mapped(tables.consumption.revenue_event, RevenueEvent)
    codes = Mapped(tables.accounting.accounting_code, AccountingCode, structural=True)
    periods = Mapped(tables.accounting.accounting_period, AccountingPeriod, structural=True)
    period_changes = Mapped(tables.accounting.period_change, PeriodChange)
    schedules = Mapped(tables.schedules.revenue_schedule, RevenueSchedule)
    items = Mapped(tables.schedules.revenue_item, RevenueItem)
    distributions = Mapped(tables.schedules.distribution, Distribution)
    distribution_items = Mapped(tables.schedules.distribution_item, DistributionItem)
    collected = Mapped(tables.schedules.collected, CollectedAmount)
    event_types = Mapped(tables.schedules.revenue_event_type, RevenueEventType, structural=True)
    documents = Mapped(tables.billing.billing_document, BillingDocument)
    document_items = Mapped(tables.billing.billing_document_item, BillingDocumentItem)
    adjustments = Mapped(tables.billing.invoice_item_adjustment, InvoiceItemAdjustment)
    bill_runs = Mapped(tables.billing.bill_run, BillRun)
    processed_usage = Mapped(tables.billing.processed_usage, ProcessedUsage)
    journal_runs = Mapped(tables.journal.journal_run, JournalRun)
    entries = Mapped(tables.journal.journal_entry, JournalEntry)
    entry_items = Mapped(tables.journal.journal_entry_item, JournalEntryItem)
    seals = Mapped(tables.journal.journal_seal, Seal)
    posted = Mapped(tables.journal.posted_source, PostedSource)
    trial_balances = Mapped(tables.journal.trial_balance, TrialBalance)
    trial_balance_rows = Mapped(tables.journal.trial_balance_row, TrialBalanceRow)
    currencies = Mapped(tables.tenancy.currency, CurrencyRules, structural=True)
    recognition_rules = Mapped(
        tables.recognition.recognition_rule, RecognitionRule, structural=True
    )
    revenue_automation = Mapped(
        tables.recognition.revenue_automation, RevenueAutomation, structural=True
    )
    thresholds = Mapped(tables.notifications.threshold, Threshold, structural=True)
    notifications = Mapped(tables.notifications.notification, Notification)
    audit = Mapped(tables.tenancy.audit_entry, AuditEntry)
    locators = Mapped(tables.queries.query_locator, QueryLocator)

    def __init__(
        self,
        connection: Connection,
        scope: Scope,
        now: datetime,
        new_id: Callable[[], str],
        memory: Memory | None = None,
        workbench: Workbench | None = None,
    ) -> None:
        """Open the books of one entity."""
        self._connection = connection
        self.scope = scope
        self.now = now
        self.new_id = new_id
        self.memory = memory
        self._restructured = False
        self._workbench = workbench or Workbench()
        self._pipeline = self._workbench.pipeline

    @cached_property
    def settings(self) -> Settings:
        """What the entity has decided, the defaults for the rest."""
        if self.memory is None:
            return self._read_settings()
        if "settings" not in self.memory:
            self.memory["settings"] = self._read_settings()
        return cast(Settings, self.memory["settings"])

    @property
    def entire(self) -> "SqlBooks":
        """These books with what every organisation has in them."""
        if self.scope.organization_ids is None:
            return self
        scope = replace(self.scope, organization_ids=None)
        memory, workbench = self.memory, self._workbench
        return SqlBooks(self.connection, scope, self.now, self.new_id, memory, workbench)

    def currency(self, code: str) -> Currency:
        """Return a currency as the entity rounds it; as ISO 4217 has it where nothing is stored."""
        known, key = self._workbench.currencies, (self.scope.entity_id, code)
        if key not in known:
            rules = self.currencies.find(code=code)
            known[key] = rules.currency if rules else Currency.of(code)
        return known[key]

    def today(self) -> date:
        """The day of the books at `now`."""
        return day_of(self.now, self.settings.zone)

    def next_number(self, kind: NumberKind) -> str:
        """Take the next number of a kind; given back if the transaction or attempt fails."""
        return self.next_numbers(kind, 1)[0]

    def next_numbers(self, kind: NumberKind, count: int) -> Sequence[str]:
        """Take the next `count` numbers of a kind with one statement."""
        last = take_numbers(self.connection, self.scope.entity_id, kind.name, count)
        numbers = range(last - count + 1, last + 1)
        return [f"{kind.value}{number:0{_NUMBER_DIGITS}d}" for number in numbers]

    def stamp(self) -> dict[str, Any]:
        """Return the four fields of `Stamped` for a new row."""
        created = {"created_by": self.scope.user_id, "created_at": self.now}
        return created | self.restamp()

    def restamp(self) -> dict[str, Any]:
        """Return the two fields of `Stamped` that change with a row."""
        return {"updated_by": self.scope.user_id, "updated_at": self.now}

    @property
    def trail(self) -> SqlTrail:
        """The chain from journal lines to usage records."""
        return SqlTrail(self.connection, self.scope)

    def facts(self, known: Known, account_id: str | None) -> SqlFacts:
        """Return what reports are made of, as known at a moment."""
        return SqlFacts(self.connection, self.scope, known, account_id)

    def search(self, query: RowQuery) -> Sequence[Row]:
        """Return stored rows as they lie, by column name."""
        return find_rows(self.connection, self.scope, query)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send what the block stores in one go: on PostgreSQL, with what follows, if possible."""
        if self.connection.dialect.name != "postgresql":
            yield
            return
        with self._pipeline.fill(self._connection):
            yield

    def store_part(self, file_id: str, place: int, content: bytes) -> None:
        """Store a part of a file."""
        store_part(self.connection, self.scope, self.now, (file_id, place), content)

    def parts(self, file_id: str, first: int = 0) -> Iterator[bytes]:
        """Yield the parts of a file from one on."""
        return parts(self.connection, file_id, first)

    def forget_parts(self, file_id: str) -> None:
        """Delete the parts of a file."""
        forget_parts(self.connection, file_id)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what was stored inside if the block raises; what came before stays."""
        traces, staged = self._workbench.traces, dict(self._workbench.staged)
        restructured = self._restructured
        left = len(traces)
        try:
            with self.connection.begin_nested():
                try:
                    yield
                finally:
                    self._pipeline.settle()
        except BaseException:
            del traces[left:]
            self._workbench.staged = staged
            self._restructured = restructured
            self._workbench.currencies.clear()
            raise

    def leave(self, trace: Trace) -> None:
        """Have a trace written to the audit log as the last thing before the commit."""
        self._workbench.traces.append(trace)

    def lock_balances(self, ids: Iterable[str]) -> Sequence[PrepaidBalance]:
        """Lock prepaid balances in id order and return them as they are now."""
        return self.balances.list(id=set(ids), order_by=("id",), lock=True)

    @property
    def is_shared(self) -> bool:
        """Whether others write meanwhile: an embedded database has one writer at a time."""
        return self._connection.dialect.name != "sqlite"

    def lock_balance_versions(self, ids: Iterable[str]) -> Mapping[str, int]:
        """Lock prepaid balances in id order and return their versions."""
        table = tables.prepaid.prepaid_balance
        return lock_versions(self.connection, table, self.scope.entity_id, set(ids))

    def lock_rating_versions(self, ids: Iterable[str]) -> Mapping[str, int]:
        """Lock rating results in id order and return their versions."""
        table = tables.consumption.rating_result
        return lock_versions(self.connection, table, self.scope.entity_id, set(ids))

    def claim_ratings(self, ids: Collection[str]) -> None:
        """Keep others who claim rating results that are not there yet from storing them."""
        if self.is_shared:
            claim_absent(self.connection, self.scope.entity_id, ids)

    def remember(self, question: tuple[str, ...], find: Callable[[], T]) -> T:
        """Return what was found at the entity's present revision, or find it."""
        if self.memory is None:
            return find()
        if question not in self.memory:
            self.memory[question] = find()
        return cast(T, self.memory[question])

    def take_all(self, kind: type[T], versions: Mapping[str, int]) -> dict[str, T]:
        """Take over what was kept of a kind, by id, as far as it is of the version given."""
        if any(not self._workbench.holds(kind, *wanted) for wanted in versions.items()):
            self.take_time()
        taken = {}
        for identity, version in versions.items():
            known, value = self._workbench.kept.pop((kind, identity), (None, None))
            if known == version:
                taken[identity] = cast(T, value)
        return taken

    def keep(self, identity: str, version: int, value: object) -> None:
        """Keep working state for later transactions, once this one has committed."""
        self._workbench.staged[type(value), identity] = (version, value)

    def take_time(self) -> None:
        """Have the group carried out where there is time for it, if there is none here."""
        if self._workbench.in_a_hurry:
            raise TakesLong

    def restructure(self) -> None:
        """Note that structure changes: forget what was remembered and move the revision on."""
        self._workbench.currencies.clear()
        if self._restructured:
            return
        self._restructured = True
        self.memory = None
        entity = tables.tenancy.entities
        self.connection.execute(
            update(entity)
            .where(entity.c.id == self.scope.entity_id)
            .values(revision=entity.c.revision + 1)
        )

    def change_settings(self, changes: Mapping[str, object]) -> None:
        """Store settings by their field names."""
        self.restructure()
        setting = tables.tenancy.setting
        statement = upsert(self.connection, setting)
        statement = statement.on_conflict_do_update(
            index_elements=["entity_id", "name"], set_={"value": statement.excluded.value}
        )
        rows = [
            {"entity_id": self.scope.entity_id, "name": n, "value": v} for n, v in changes.items()
        ]
        self.connection.execute(statement, rows)
        self.__dict__.pop("settings", None)

    def _read_settings(self) -> Settings:
        setting = tables.tenancy.setting
        mine = select(setting.c.name, setting.c.value).where(
            setting.c.entity_id == self.scope.entity_id
        )
        stored = {row.name: row.value for row in self.connection.execute(mine)}
        return Settings(
            **{known.name: stored[known.name] for known in fields(Settings) if known.name in stored}
        )
