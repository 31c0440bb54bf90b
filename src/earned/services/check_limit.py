"""Hold the schedules of a charge to what was billed of it, where its rule is limited (R 3.1)."""

from earned.domain.billing import AdjustmentStatus, DocumentStatus
from earned.domain.errors import RuleBroken
from earned.domain.money import Currency, major
from earned.domain.recognition_rule import RecognitionRule, RuleModel
from earned.domain.schedule import RevenueSchedule
from earned.services.ports import Books


def check_limit(books: Books, rule: RecognitionRule | None, schedule: RevenueSchedule) -> None:
    """Refuse a schedule with which those of its charge come to more than was billed.

    It is stored already, and with it the next number is taken, so that two who create at once
    cannot both fill what is left; a refusal gives it all back. What takes away is never refused.
    Raises `RuleBroken`.
    """
    is_limited = rule is not None and rule.model is RuleModel.CUSTOM_LIMITED
    if not is_limited or schedule.charge_id is None or schedule.amount_minor <= 0:
        return
    everyone = books.entire
    made = sum(everyone.amounts_of_charge(schedule.charge_id).values())
    billed = billed_minor(everyone, schedule.charge_id, schedule.currency)
    if made > billed:
        currency = Currency.of(schedule.currency)
        raise RuleBroken(
            "The revenue schedules of a charge with a custom limited recognition rule cannot come "
            f"to more than was billed: {major(made, currency)} of {major(billed, currency)}.",
            field="amount",
        )


def billed_minor(books: Books, charge_id: str, currency: str) -> int:
    """Return what posted documents bill of a charge, by its original id, adjustments included."""
    items = books.document_items.list(charge_id=charge_id)
    posted = {
        document.id: document.kind.sign
        for document in books.documents.list(
            id={item.document_id for item in items},
            status=DocumentStatus.POSTED,
            currency=currency,
        )
    }
    in_force = [item for item in items if item.document_id in posted]
    adjustments = books.adjustments.list(
        item_id=[item.id for item in in_force], status=AdjustmentStatus.PROCESSED
    )
    billed = sum(posted[item.document_id] * item.amount_minor for item in in_force)
    return billed + sum(one.effect_minor for one in adjustments)
