"""Move the first term of a subscription: it begins on another day, and so do its funds (U 2.10)."""

from dataclasses import replace
from datetime import date

from earned.domain.errors import RuleBroken
from earned.domain.prepaid import CONSUMING
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.domain.terms import Length, PeriodType, TriggerDates, goes_on
from earned.services.activate_funds import activate_funds
from earned.services.amendment import Amendment
from earned.services.credit_fund import CreditFund, credit_fund
from earned.services.ports import Books

KEPT = "The start of the term of subscription '{}' cannot be changed: {}."
RENEWED = "it is not its first term"
DRAWN = "its funds have been drawn from"
DATES = "the three trigger dates of the action must be its first day"
UPDATED = "charge {} has been updated, or begins on another day"


def check_move(subscription: Subscription, start: date, triggers: TriggerDates | None) -> None:
    """Refuse to move a later term, or one whose trigger dates do not move with it."""
    if subscription.term_start_date != subscription.contract_effective_date:
        raise RuleBroken(KEPT.format(subscription.number, RENEWED), field="startDate")
    if triggers != TriggerDates.of(start):
        raise RuleBroken(KEPT.format(subscription.number, DATES), field="triggerDates")


def move_term(
    books: Books, version: Subscription, before: Subscription, amendment: Amendment
) -> None:
    """Have the charges of a version begin with its term, and make their funds anew.

    The funds there were are credited in full. Raises `RuleBroken` where one of them has ever been
    drawn from, and for charges that have a history or a day of their own.
    """
    charges = books.charges.list(subscription_id=version.id, order_by=["number"])
    for charge in charges:
        if charge.effective_start_date != before.term_start_date or charge.segment > 1:
            why = UPDATED.format(charge.number)
            raise RuleBroken(KEPT.format(version.number, why), field="startDate")
    moved = [_moved(charge, version) for charge in charges]
    books.charges.save_all(moved)
    _give_up_funds(books, version, moved, amendment)
    made = activate_funds(books, version, moved, first=True)
    amendment.made.extend(fund.id for fund in made)


def _moved(charge: RatePlanCharge, version: Subscription) -> RatePlanCharge:
    start, end = version.term_start_date, charge.effective_end_date
    if charge.charge_type == "OneTime":
        end = Length(1, PeriodType.DAY).after(start)
    elif goes_on(charge):
        end = version.term_end_date
    return replace(
        charge, effective_start_date=start, effective_end_date=end, version=charge.version + 1
    )


def _give_up_funds(
    books: Books, version: Subscription, charges: list[RatePlanCharge], amendment: Amendment
) -> None:
    books = books.entire
    ids = [charge.original_id for charge in charges]
    funds = books.funds.list(source_id=ids, order_by=["start_date", "id"])
    moves = books.transactions.list(fund_id=[fund.id for fund in funds])
    if any(move.transaction_type in CONSUMING for move in moves):
        raise RuleBroken(KEPT.format(version.number, DRAWN), field="startDate")
    for fund in funds:
        if fund.credited_on is None:
            minor = fund.funding_price_minor
            credit_fund(books, CreditFund(fund_id=fund.id, day=fund.start_date, credit_minor=minor))
            amendment.credited.append(fund.id)
