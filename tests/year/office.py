"""What the company does, done to the books: in process, many things in a transaction."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from earned.domain.billing import (
    AdjustmentStatus,
    AdjustmentType,
    BillingDocument,
    BillingDocumentItem,
    DocumentKind,
    InvoiceItemAdjustment,
)
from earned.domain.catalog import ProductRatePlan
from earned.domain.charge import Tier
from earned.domain.usage import UsageRecord
from earned.services.adjust_item import (
    AdjustItem,
    ChangeAdjustment,
    adjust_item,
    change_adjustment,
)
from earned.services.cancel_document import NamedDocument, cancel_document
from earned.services.credit_fund import CreditFund, credit_fund
from earned.services.delete_schedule import delete_schedule
from earned.services.delete_usage import DeleteUsage, delete_usage
from earned.services.distribute_over_range import distribute_over_range
from earned.services.distribute_revenue import (
    DistributeRevenue,
    distribute_across_periods,
    distribute_on_date,
)
from earned.services.draft_document import DocumentFacts, DraftDocument, draft_document
from earned.services.draft_items import NewItem
from earned.services.draft_memo import DraftMemo, MemoItem, draft_memo
from earned.services.item_codes import NO_CODES, NamedCodes
from earned.services.ports import Books
from earned.services.record_usage import RECORD_USAGE, RecordUsage
from earned.services.schedule_revenue import ScheduleRevenue, schedule_revenue
from tests import builders
from tests.year.company import Contract, Metered, Project, Recurring, Usage
from tests.year.months import period_name
from tests.year.reckoner import ADJUSTMENT, CREDIT, DEBIT, INVOICE, Bill, Schedule

BILLING = {1: "Month", 3: "Quarter", 6: "Semi_Annual", 12: "Annual"}
VALIDITY = {1: "MONTH", 3: "QUARTER", 12: "ANNUAL"}
FEE, PREPAYMENT, PROJECT, TOP_UP = "Fee", "Prepayment", "Project", "Top-up"
KINDS = {INVOICE: DocumentKind.INVOICE, CREDIT: DocumentKind.CREDIT_MEMO}
KINDS |= {DEBIT: DocumentKind.DEBIT_MEMO}


class Office:
    """Knows by what ids and numbers the books know what the company did."""

    def __init__(self) -> None:
        self.sold: dict[str, builders.Sold] = {}
        self.documents: dict[Bill, tuple[BillingDocument, BillingDocumentItem]] = {}
        self.adjustments: dict[Bill, InvoiceItemAdjustment] = {}
        self.numbers: dict[Schedule, str] = {}

    # Selling.

    def sell(self, books: Books, contract: Contract, organization_id: str) -> None:
        who, money = contract.customer, contract.money
        account = builders.account(
            books,
            number=who.number,
            name=f"Customer {who.number}",
            currency=money.code,
            organization_id=organization_id,
        )
        plan = builders.rate_plan(books, f"Plan of {who.number}")
        codes = {
            "deferred_revenue_account": contract.deferred[0],
            "recognized_revenue_account": contract.revenue[0],
        }
        if isinstance(contract, Metered):
            self._meter(books, contract, plan, codes)
        elif isinstance(contract, Recurring):
            tiers = builders.prices(money.text(contract.price), money.code)
            rule = contract.rule
            period = BILLING[contract.every]
            more = {"billing_period": period, "revenue_recognition_rule_name": rule, **codes}
            builders.charge(books, plan, name=FEE, tiers=tiers, **more)
        elif isinstance(contract, Project):
            builders.unlimited_charge(books, plan, tiers=builders.prices(1, money.code), **codes)
        self.sold[who.number] = builders.sell(
            books, account, plan, start=contract.start, months=contract.months
        )

    def top_up(self, books: Books, contract: Metered, day: date, amounts: tuple[int, int]) -> None:
        """Sell so many more units at a price."""
        (units, price), who = amounts, contract.customer
        plan = builders.rate_plan(books, f"More for {who.number} of {day}")
        self._prepay(
            books,
            plan,
            contract,
            units,
            price,
            name=TOP_UP,
            charge_type="OneTime",
            billing_period=None,
            deferred_revenue_account=contract.deferred[0],
            recognized_revenue_account=contract.revenue[0],
        )
        sold = self.sold[who.number]
        self.sold[who.number] = builders.add(books, sold.subscription, plan, day)

    def _prepay(
        self,
        books: Books,
        plan: ProductRatePlan,
        contract: Metered,
        units: int,
        price: int,
        **changes: Any,
    ) -> None:
        prepayment, money = contract.prepayment, contract.money
        assert prepayment
        expected = prepayment.expected
        builders.prepayment_charge(
            books,
            plan,
            units=units,
            period=VALIDITY[prepayment.every],
            tiers=builders.prices(money.text(price), money.code),
            credit_option=None if expected else "TimeBased",
            breakage_policy=prepayment.breakage,
            expected_breakage_rate=Decimal(expected) if expected else None,
            **changes,
        )

    def _meter(
        self, books: Books, contract: Metered, plan: ProductRatePlan, codes: Mapping[str, Any]
    ) -> None:
        money, prepayment = contract.money, contract.prepayment
        if prepayment:
            period = BILLING[prepayment.every]
            more = {"billing_period": period, **codes}
            self._prepay(books, plan, contract, prepayment.units, prepayment.price, **more)
        unfunded: dict[str, Any] = {
            "is_prepaid": False,
            "prepaid_operation_type": None,
            "drawdown_uom": None,
            "drawdown_rate": None,
        }
        for usage in contract.usages:
            builders.drawdown_charge(
                books,
                plan,
                name=usage.unit,
                uom=usage.unit,
                rate=usage.rate,
                drawn="Token",
                tiers=_tiers(usage, money.code),
                charge_model="PerUnit" if len(usage.tiers) == 1 else "Tiered",
                **({} if prepayment else unfunded),
                **codes,
            )

    def charge(self, contract: Contract, name: str) -> str:
        return self.sold[contract.customer.number].charge(name).original_id

    # Billing.

    def bill(self, books: Books, bill: Bill, name: str | None) -> None:
        """Post an invoice of a charge; without one, of something else that is revenue at once."""
        start, end = bill.service
        item = NewItem(
            amount=bill.contract.money.text(bill.amount),
            charge_key=self.charge(bill.contract, name) if name else None,
            charge_name=None if name else "Setup",
            service_start=start,
            service_end=end,
            codes=NO_CODES if name else NamedCodes(accounting=bill.contra[0]),
            copies_charge=True,
        )
        command = DraftDocument(
            kind=DocumentKind.INVOICE,
            account_number=bill.contract.customer.number,
            facts=DocumentFacts(document_date=bill.day, post=True),
            items=[item],
        )
        document = draft_document(books, command)
        self._keep(books, bill, document)
        (_, row) = self.documents[bill]
        made = books.schedules.find(linked_id=row.id, reverses_id=None)
        assert (made is None) == (bill.schedule is None)
        if made and bill.schedule:
            self.numbers[bill.schedule] = made.number

    def memo(self, books: Books, bill: Bill, of: Bill) -> None:
        """Post a memo of an invoice, or adjust its item."""
        invoice, item = self.documents[of]
        amount = bill.contract.money.text(abs(bill.amount))
        if bill.type == ADJUSTMENT:
            kind = AdjustmentType.CREDIT if bill.amount < 0 else AdjustmentType.CHARGE
            command = AdjustItem(
                type=kind,
                amount=amount,
                adjustment_date=bill.day,
                invoice_id=invoice.id,
                item_id=item.id,
            )
            self.adjustments[bill] = adjust_item(books, command)
            return
        memo = DraftMemo(
            kind=KINDS[bill.type],
            invoice_key=invoice.id,
            facts=DocumentFacts(document_date=bill.day, post=True),
            items=[MemoItem(invoice_item_id=item.id, amount=amount)],
        )
        self._keep(books, bill, draft_memo(books, memo))

    def _keep(self, books: Books, bill: Bill, document: BillingDocument) -> None:
        (item,) = books.document_items.list(document_id=document.id)
        self.documents[bill] = (document, item)

    def cancel(self, books: Books, bill: Bill) -> None:
        if bill.type == ADJUSTMENT:
            change = {"status": AdjustmentStatus.CANCELED}
            key = self.adjustments[bill].id
            change_adjustment(books, ChangeAdjustment(key=key, changes=change))
            return
        (document, _) = self.documents[bill]
        cancel_document(books, NamedDocument(kind=KINDS[bill.type], key=document.id))

    # Usage.

    def use(self, books: Books, commands: Sequence[RecordUsage]) -> Sequence[str]:
        """Record usage in one group; return the ids of the records."""
        rows = RECORD_USAGE.run(books, commands)
        for row in rows:
            assert isinstance(row, UsageRecord), row
        return [row.id for row in rows if isinstance(row, UsageRecord)]

    def delete(self, books: Books, identity: str) -> None:
        delete_usage(books, DeleteUsage(id=identity))

    def credit(self, books: Books, contract: Contract, day: date, amount: int) -> None:
        """End the first fund of a contract early."""
        fund = self.sold[contract.customer.number].funds[0]
        credit_fund(books, CreditFund(fund_id=fund.id, day=day, credit_minor=amount))

    # Distributing by hand.

    def make_schedule(
        self, books: Books, schedule: Schedule, distributed: Mapping[int, int]
    ) -> None:
        contract = schedule.contract
        fields = {
            "amount": contract.money.text(schedule.amount),
            "revenueScheduleDate": schedule.day.isoformat(),
            "revenueDistributions": _new_amounts(contract, distributed),
        }
        command = ScheduleRevenue(charge_key=self.charge(contract, PROJECT), fields=fields)
        self.numbers[schedule] = schedule_revenue(books, command).number

    def delete_schedule(self, books: Books, schedule: Schedule) -> None:
        delete_schedule(books, self.numbers.pop(schedule))

    def move_across(self, books: Books, schedule: Schedule, new: Mapping[int, int]) -> None:
        fields = {"revenueDistributions": _new_amounts(schedule.contract, new)}
        distribute_across_periods(books, self._command(schedule, fields))

    def move_on_day(self, books: Books, schedule: Schedule, fields: Mapping[str, object]) -> None:
        distribute_on_date(books, self._command(schedule, fields))

    def move_over_range(
        self, books: Books, schedule: Schedule, fields: Mapping[str, object]
    ) -> None:
        distribute_over_range(books, self._command(schedule, fields))

    def _command(self, schedule: Schedule, fields: Mapping[str, object]) -> DistributeRevenue:
        number = self.numbers[schedule]
        return DistributeRevenue(number=number, fields=fields, custom_fields={})


def _tiers(usage: Usage, currency: str) -> tuple[Tier, ...]:
    return tuple(
        Tier(
            currency=currency,
            tier=place,
            ending_unit=None if top is None else Decimal(top),
            price=Decimal(price),
        )
        for place, (top, price) in enumerate(usage.tiers, 1)
    )


def _new_amounts(contract: Contract, new: Mapping[int, int]) -> list[dict[str, object]]:
    return [
        {"accountingPeriodName": period_name(month), "newAmount": contract.money.text(minor)}
        for month, minor in new.items()
    ]
