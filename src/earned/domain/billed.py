"""The revenue of what is billed: which schedule an item gets when it is posted (R 2.8).

An item and an adjustment look the same from here: an amount with a sign, on a day, for a service
period, by a rule, to two accounting codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from earned.domain.accounting import AccountingPeriod
from earned.domain.billing import (
    TRAITS,
    BillingDocument,
    BillingDocumentItem,
    InvoiceItemAdjustment,
    RecognizedBy,
)
from earned.domain.calendar import Days
from earned.domain.errors import RuleBroken
from earned.domain.posting import Code
from earned.domain.recognition import Amounts, carried
from earned.domain.recognition_rule import RecognitionRule, RevenueAutomation, RuleModel
from earned.domain.schedule import LinkedType
from earned.domain.slots import slots_of

AUTOMATIC = frozenset(
    {
        RuleModel.UPON_INVOICING,
        RuleModel.SPECIFIC_DATE,
        RuleModel.DAILY,
        RuleModel.MONTHLY,
        RuleModel.MANUAL,
    }
)
"""The models whose schedules billing makes. With a custom rule they are made by hand (R 3.1)."""

DEFERRED, RECOGNIZED = "DeferredRevenue", "SalesRevenue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """A billing transaction as its revenue schedule sees it; credits are negative (R 2.2)."""

    linked_type: LinkedType
    linked_id: str
    linked_number: str
    account_id: str
    currency: str
    amount_minor: int
    day: date
    service: Days
    original_subscription_id: str | None
    charge_id: str | None
    product_charge_id: str | None
    rule_name: str | None
    recognized_by: RecognizedBy
    recognized_code: str | None
    recognized_code_type: str | None
    deferred_code: str | None
    deferred_code_type: str | None
    created_at: datetime


def billed_item(document: BillingDocument, item: BillingDocumentItem) -> Billed:
    """Return what an item of a document bills."""
    return Billed(
        linked_type=TRAITS[document.kind].linked_type,
        linked_id=item.id,
        linked_number=document.number,
        currency=document.currency,
        amount_minor=document.kind.sign * item.amount_minor,
        day=document.document_date,
        created_at=document.created_at,
        **_sold(item),
        **_codes(item),
    )


def billed_adjustment(adjustment: InvoiceItemAdjustment, item: BillingDocumentItem) -> Billed:
    """Return what an adjustment bills: more or less of its item, with that one's service period."""
    return Billed(
        linked_type=LinkedType.INVOICE_ITEM_ADJUSTMENT,
        linked_id=adjustment.id,
        linked_number=adjustment.number,
        currency=adjustment.currency,
        amount_minor=adjustment.effect_minor,
        day=adjustment.adjustment_date,
        created_at=adjustment.created_at,
        **_sold(item),
        **_codes(adjustment),
    )


def is_scheduled(
    billed: Billed, rule: RecognitionRule | None, automation: RevenueAutomation | None
) -> bool:
    """Say whether posting makes the revenue schedule of a transaction (R 2.8).

    It does for an amount with a rule that bills revenue and both accounting codes, if the entity
    has a revenue automation start date that is not after the transaction, and had one already when
    the transaction was made.
    """
    if automation is None or rule is None or rule.model not in AUTOMATIC:
        return False
    return (
        billed.recognized_by is RecognizedBy.SCHEDULE
        and bool(billed.amount_minor and billed.recognized_code and billed.deferred_code)
        and automation.start_date <= billed.day
        and automation.created_at <= billed.created_at
    )


def check_schedulable(billed: Billed, what: str) -> None:
    """Refuse a schedule by hand for what is recognised otherwise. Raises `RuleBroken`."""
    reasons = {
        RecognizedBy.BILLING: "it has no revenue recognition rule, so billing recognized it",
        RecognizedBy.DRAWDOWN: "the fund of its prepayment charge has one",
        RecognizedBy.USAGE: "usage has recognized it before it was billed",
    }
    if billed.recognized_by in reasons:
        reason = reasons[billed.recognized_by]
        raise RuleBroken(f"The {what} cannot have a revenue schedule: {reason}.")


def recognized_by(
    rule_name: str | None, *, is_prepayment: bool, is_subscribed_usage: bool
) -> RecognizedBy:
    """Return what makes revenue of a charge that is billed (R 2.8, R 10.2)."""
    if is_prepayment:
        return RecognizedBy.DRAWDOWN
    if is_subscribed_usage:
        return RecognizedBy.USAGE
    return RecognizedBy.SCHEDULE if rule_name else RecognizedBy.BILLING


def contra_code(by: RecognizedBy, *, deferred: Code, unbilled: Code, revenue: Code) -> Code:
    """Return what stands against the receivable of an item (R 6.3).

    What is recognised later is deferred; usage was earned and stood as unbilled; the rest is
    revenue at once. It does not depend on whether there is a schedule yet: one made by hand later
    takes its revenue from where billing put it.
    """
    if by is RecognizedBy.USAGE:
        return unbilled
    return revenue if by is RecognizedBy.BILLING else deferred


def blank(code_type: str) -> Code:
    """Return the code of a type that nobody named."""
    return Code(None, code_type)


def taken_back(held: Amounts, periods: Sequence[AccountingPeriod]) -> Amounts:
    """Return what a schedule holds that takes back one that holds `held`, by period id.

    In open periods the two come to nothing. What lies in a closed one stays there (R9), and is
    taken back in the next open one.
    """
    slots = slots_of(periods)
    amounts = [-held.get(slot.period_id, 0) if slot.period_id else 0 for slot in slots]
    return carried(amounts, slots, {})


def _sold(item: BillingDocumentItem) -> dict[str, Any]:
    return {
        "account_id": item.account_id,
        "service": item.service,
        "original_subscription_id": item.original_subscription_id,
        "charge_id": item.charge_id,
        "product_charge_id": item.product_charge_id if item.charge_id is None else None,
        "rule_name": item.rule_name,
        "recognized_by": item.recognized_by,
    }


def _codes(holder: BillingDocumentItem | InvoiceItemAdjustment) -> dict[str, Any]:
    return {
        "recognized_code": holder.recognized_code,
        "recognized_code_type": holder.recognized_code_type,
        "deferred_code": holder.deferred_code,
        "deferred_code_type": holder.deferred_code_type,
    }
