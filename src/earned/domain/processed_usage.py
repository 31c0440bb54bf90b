"""Processed usage: which item billed a usage record, and what it came to (U 1.12)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from earned.domain.exact import ZERO, add, subtract
from earned.domain.tenancy import Stamped

BILLED = "This usage record has been billed and cannt be updated"
"""The exact text that clients match on (U 3.3)."""
NOT_DELETED = "This usage record has been billed and cannot be deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessedUsage(Stamped):
    """What an item of an invoice or a credit memo bills of one guided usage.

    `quantity` and `amount_minor` are what was billed: less than nothing where it was taken back.
    The billing period is half-open.
    """

    id: str
    entity_id: str
    account_id: str
    usage_id: str
    guided_id: str
    charge_id: str
    charge_segment: int
    invoice_item_id: str | None = None
    credit_memo_item_id: str | None = None
    billing_period_start_date: date
    billing_period_end_date: date
    quantity: Decimal
    amount_minor: int
    currency: str


def shares(
    quantities: Iterable[Decimal], before: Decimal, value: Callable[[Decimal], int]
) -> list[int]:
    """Return what each quantity comes to, in their order, after `before` units were billed.

    Differences of the value of a running total, so that they add up.
    """
    running, found = before, list[int]()
    valued = value(max(running, ZERO))
    for quantity in quantities:
        running = add(running, quantity)
        reached = value(max(running, ZERO))
        found.append(reached - valued)
        valued = reached
    return found


def measured_shares(
    units: Iterable[Decimal], before: Decimal, measure: Callable[[Decimal], Decimal]
) -> list[Decimal]:
    """Return the usage that each number of units is measured as, in their order, after `before`."""
    running, found = before, list[Decimal]()
    measured = measure(running)
    for more in units:
        running = add(running, more)
        reached = measure(running)
        found.append(subtract(reached, measured))
        measured = reached
    return found
