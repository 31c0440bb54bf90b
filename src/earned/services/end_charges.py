"""End charges of a subscription on a day, and credit what was prepaid beyond it (U 2.11)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from earned.domain.crediting import CONSUMPTION_BASED, FULL, TIME_BASED, credit_minor
from earned.domain.prepaid import Fund
from earned.domain.subscription import RatePlanCharge
from earned.services.amendment import Amendment
from earned.services.credit_fund import CreditFund, credit_fund
from earned.services.ports import Books
from earned.services.redraw import redraw
from earned.services.refuse_unbilled import refuse_unbilled
from earned.services.reverse_draws import balances_near, reverse_draws


def end_charges(
    books: Books, charges: Sequence[RatePlanCharge], day: date, amendment: Amendment
) -> None:
    """End charges of a version before `day`; a segment that would begin later is never effective.

    Funds of theirs with days from `day` on are credited, by the credit option of their charge.
    Raises `RuleBroken` where such a fund has begun and is not billed yet.
    """
    books.charges.save_all(
        [
            replace(
                charge,
                effective_end_date=max(charge.effective_start_date, day),
                version=charge.version + 1,
            )
            for charge in charges
            if charge.effective_end_date is None or charge.effective_end_date > day
        ]
    )
    credit_funds(books, [charge for charge in charges if charge.is_topup], day, amendment)


def credit_funds(
    books: Books, charges: Sequence[RatePlanCharge], day: date, amendment: Amendment
) -> None:
    """Credit the funds of prepayment charges that have days from `day` on.

    What was drawn that the credit gives back is reversed first. It is drawn again from other funds
    of its day, in the order it was recorded; what they do not cover is overage.
    """
    books = books.entire
    options = {charge.original_id: charge.credit_option or TIME_BASED for charge in charges}
    found = books.funds.list(source_id=list(options), order_by=["start_date", "id"])
    funds = [fund for fund in found if fund.end_date > day and not fund.done]
    refuse_unbilled(books, [fund for fund in funds if fund.start_date < day])
    again = reverse_draws(books, _reversed_since(funds, options, day))
    for fund in funds:
        _credit(books, fund.id, options[fund.source_id], day)
        amendment.credited.append(fund.id)
    redraw(books, balances_near(books, again), only=set(again))


def _reversed_since(
    funds: Sequence[Fund], options: Mapping[str, str], day: date
) -> Mapping[str, date]:
    """Return from which day on the draws of each fund are given back with its credit."""
    return {
        fund.id: date.min if options[fund.source_id] == FULL else day
        for fund in funds
        if options[fund.source_id] != CONSUMPTION_BASED
    }


def _credit(books: Books, fund_id: str, option: str, day: date) -> None:
    fund = books.funds.find(id=fund_id)
    assert fund is not None, "a fund stays in the books"
    minor = credit_minor(option, fund, books.currency(fund.currency), day)
    credit_fund(books, CreditFund(fund_id=fund.id, day=day, credit_minor=minor))
