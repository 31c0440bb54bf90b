"""Change the terms and conditions of a subscription: how long it lasts, and how it renews."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from earned.domain.errors import Invalid, Missing
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.domain.tenancy import CustomFields
from earned.domain.terms import Length, TriggerDates, goes_on
from earned.domain.validity import check_renewal
from earned.services.activate_funds import extend_funds
from earned.services.amendment import Amendment
from earned.services.end_charges import end_charges
from earned.services.move_term import check_move, move_term
from earned.services.new_version import new_version, refuse_inactive
from earned.services.ports import Books
from earned.services.renew_subscription import go_on
from earned.services.see_periods import refuse_closed_creation

EVERGREEN = "EVERGREEN"
_BEGINNINGS = (
    "term_start_date",
    "contract_effective_date",
    "service_activation_date",
    "customer_acceptance_date",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTerm:
    """What the current term is to be: without an end, of a length, or up to a day (not in it)."""

    term_type: str
    length: Length | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTerms:
    """What is to be different; None stays as it is. Another start needs `triggers` of that day."""

    triggers: TriggerDates | None = None
    last_term: LastTerm | None = None
    renewal_term: Length | None = None
    renewal_setting: str | None = None
    auto_renew: bool | None = None
    custom_fields: CustomFields = field(default_factory=dict)


def change_terms(
    books: Books, subscription: Subscription, command: ChangeTerms, amendment: Amendment
) -> Subscription:
    """Make a new version of a subscription with other terms; return it.

    A longer term has further funds. A shorter one ends charges, and credits funds as canceling
    does. One that begins on another day has funds of its own. Raises a refusal if the subscription
    is not active, for a term that cannot be or is not whole validity periods, for another end or
    start of it in a closed period that the entity keeps changes out of, for what is prepaid and not
    billed, and for another start of funds that were drawn from.
    """
    refuse_inactive(subscription)
    before, end = subscription.term_end_date, _end(subscription, command.last_term)
    start = _start(subscription, command)
    _refuse_closed(books, {before, end} if before != end else set(), "end")
    _refuse_closed(books, {start} - {subscription.term_start_date}, "start")
    version = new_version(
        books, subscription, amendment.order_id, **_changes(subscription, command, end)
    )
    _check_renewals(books, version, command)
    if start != subscription.term_start_date:
        move_term(books, version, subscription, amendment)
    elif before is None and end is not None:
        _limit(books, version, end, amendment)
    elif before is not None and end is not None and end < before:
        charges = books.charges.list(subscription_id=version.id)
        end_charges(books, charges, end, amendment)
    elif before is not None and end != before:
        go_on(books, version, before, amendment)
    return version


def _refuse_closed(books: Books, days: Iterable[date | None], what: str) -> None:
    for day in days:
        if day is not None:
            label = f"{what} of the term"
            refuse_closed_creation(books, day, field=f"{what}Date", label=label)


def _start(subscription: Subscription, command: ChangeTerms) -> date:
    """Return the first day of the term as it is to be. Raises `RuleBroken`."""
    start = command.last_term.start if command.last_term else None
    if start is None or start == subscription.term_start_date:
        return subscription.term_start_date
    check_move(subscription, start, command.triggers)
    return start


def _end(subscription: Subscription, last: LastTerm | None) -> date | None:
    """Return the first day after the term as it is to be. Raises a refusal."""
    if last is None:
        return subscription.term_end_date
    start = last.start or subscription.term_start_date
    if last.term_type == EVERGREEN:
        return None
    end = last.length.after(start, "period") if last.length else last.end
    if end is None:
        raise Missing("'period' may not be null", field="period")
    if end <= start:
        raise Invalid("'endDate' value is invalid", field="endDate")
    return end


def _changes(subscription: Subscription, command: ChangeTerms, end: date | None) -> dict[str, Any]:
    """Return the fields of the new version that differ."""
    changes: dict[str, Any] = {
        "term_end_date": end,
        "custom_fields": {**subscription.custom_fields, **command.custom_fields},
    }
    if command.last_term:
        length = command.last_term.length
        changes["term_type"] = command.last_term.term_type
        if command.last_term.start:
            first = dict.fromkeys(_BEGINNINGS, command.last_term.start)
            changes |= first if first["term_start_date"] != subscription.term_start_date else {}
        changes["current_term"] = length.count if length else None
        changes["current_term_period_type"] = length.unit.value if length else None
    if command.renewal_term:
        changes["renewal_term"] = command.renewal_term.count
        changes["renewal_term_period_type"] = command.renewal_term.unit.value
    if command.renewal_setting:
        changes["renewal_setting"] = command.renewal_setting
    if command.auto_renew is not None:
        changes["auto_renew"] = command.auto_renew
    return changes


def _check_renewals(books: Books, version: Subscription, command: ChangeTerms) -> None:
    for charge in books.charges.list(subscription_id=version.id) if command.renewal_term else ():
        if charge.is_topup and charge.charge_type == "Recurring":
            check_renewal(charge, command.renewal_term, charge.number)


def _limit(books: Books, version: Subscription, end: date, amendment: Amendment) -> None:
    """Give a subscription an end that had none: what is beyond it ends, what lacks is funded."""
    charges = books.charges.list(subscription_id=version.id)
    endless = [one for one in charges if one.effective_end_date is None and goes_on(one)]
    reached = {charge.id: _reached(books, charge) for charge in endless}
    end_charges(books, charges, end, amendment)
    for charge in endless:
        since = reached[charge.id]
        if since is not None and since < end:
            limited = replace(charge, effective_end_date=end)
            made = extend_funds(books, version, [limited], since)
            amendment.made.extend(fund.id for fund in made)


def _reached(books: Books, charge: RatePlanCharge) -> date | None:
    """Return the end of the last fund of a charge that was not credited, None if it has none."""
    funds = books.entire.funds.list(source_id=charge.original_id)
    return max((fund.end_date for fund in funds if fund.credited_on is None), default=None)
