"""Create a subscription: its first version, with rate plans, charges and funds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from earned.domain.account import Account
from earned.domain.errors import Duplicate, Invalid, Missing, RuleBroken
from earned.domain.subscription import Subscription
from earned.domain.tenancy import CustomFields
from earned.domain.terms import Length, TriggerDates
from earned.services.activate_funds import activate_funds
from earned.services.add_rate_plans import ChosenPlan, add_rate_plans
from earned.services.amendment import Amendment
from earned.services.find import account_by_key
from earned.services.ports import Books, NumberKind
from earned.services.see_periods import refuse_closed_creation

EVERGREEN = "EVERGREEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """A subscription to be. Of a termed one either the initial term or the term's end is given.

    The term starts on the contract effective day unless `term_start_date` says otherwise.
    `owner_key` is the account that uses it, where that is not the one that pays.
    """

    triggers: TriggerDates
    term_type: str
    number: str | None = None
    initial_term: Length | None = None
    term_start_date: date | None = None
    term_end_date: date | None = None
    renewal_term: Length | None = None
    renewal_setting: str = "RENEW_WITH_SPECIFIC_TERM"
    auto_renew: bool = False
    currency: str | None = None
    owner_key: str | None = None
    notes: str | None = None
    rate_plans: Sequence[ChosenPlan] = ()
    custom_fields: CustomFields = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """A subscription by itself, for the account with that id or number."""

    account_key: str
    invoice_owner_key: str | None = None
    subscription: NewSubscription


def subscribe(books: Books, command: Subscribe) -> Subscription:
    """Create a subscription without an order.

    Checks in this order: accounts, number and currency, contract effective date, term, then each
    rate plan's charges and their prices, then validity periods. Raises a refusal for the first that
    fails.
    """
    account = account_by_key(books, command.account_key)
    payer = account_by_key(books, command.invoice_owner_key or account.id)
    return create_subscription(books, command.subscription, owner=account, payer=payer)


def create_subscription(
    books: Books,
    new: NewSubscription,
    *,
    owner: Account,
    payer: Account,
    amendment: Amendment | None = None,
) -> Subscription:
    """Store the first version of a subscription and all it consists of; return it."""
    amendment = amendment or Amendment()
    _check_accounts(new, owner, payer)
    if new.number and books.subscriptions.find(number=new.number):
        message = f"The subscription number '{new.number}' already exists."
        raise Duplicate(message, field="subscriptionNumber")
    effective = new.triggers.contract_effective
    refuse_closed_creation(
        books, effective, field="contractEffectiveDate", label="contract effective date"
    )
    subscription = books.subscriptions.add(
        _first_version(books, new, owner, payer, amendment.order_id)
    )
    charges = add_rate_plans(books, subscription, new.rate_plans, new.triggers)
    funds = activate_funds(books, subscription, charges, first=True)
    amendment.made.extend(fund.id for fund in funds)
    return subscription


def _check_accounts(new: NewSubscription, owner: Account, payer: Account) -> None:
    for account in (owner, payer):
        if not account.is_active:
            raise RuleBroken(f"The account '{account.number}' is not active.")
    if owner.currency != payer.currency or new.currency not in {None, owner.currency}:
        raise RuleBroken(
            f"The currency of a subscription of account '{owner.number}' must be {owner.currency}."
        )


def _first_version(
    books: Books, new: NewSubscription, owner: Account, payer: Account, order_id: str | None
) -> Subscription:
    start = new.term_start_date or new.triggers.contract_effective
    subscription_id = books.new_id()
    initial, renewal = new.initial_term, new.renewal_term
    return Subscription(
        id=subscription_id,
        entity_id=books.scope.entity_id,
        original_id=subscription_id,
        account_id=owner.id,
        invoice_owner_id=payer.id,
        number=new.number or books.next_number(NumberKind.SUBSCRIPTION),
        currency=owner.currency,
        term_type=new.term_type,
        initial_term=initial.count if initial else None,
        initial_term_period_type=initial.unit.value if initial else None,
        renewal_term=renewal.count if renewal else None,
        renewal_term_period_type=renewal.unit.value if renewal else None,
        renewal_setting=new.renewal_setting,
        auto_renew=new.auto_renew,
        term_start_date=start,
        term_end_date=_term_end(new, start),
        contract_effective_date=new.triggers.contract_effective,
        service_activation_date=new.triggers.service_activation,
        customer_acceptance_date=new.triggers.customer_acceptance,
        order_id=order_id,
        notes=new.notes,
        custom_fields=new.custom_fields,
        **books.stamp(),
    )


def _term_end(new: NewSubscription, start: date) -> date | None:
    """Return the first day after the term, None for an evergreen subscription."""
    if new.term_type == EVERGREEN:
        return None
    end = new.term_end_date
    if end is None:
        if new.initial_term is None:
            raise Missing("'initialTerm' may not be null", field="initialTerm")
        end = new.initial_term.after(start)
    if end <= start:
        raise Invalid("'initialTerm' value is invalid", field="initialTerm")
    return end
