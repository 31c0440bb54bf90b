"""Books with something in them: builders with keyword defaults and no randomness.

`with writing(keeper) as books:` lends the books of the first entity; every builder stores through
them. `prepaid_plan` and `sell` make the usual case: a plan that prepays units and a subscription.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from earned.domain.account import Account
from earned.domain.catalog import (
    Product,
    ProductRatePlan,
    ProductRatePlanCharge,
    UnitOfMeasure,
)
from earned.domain.charge import CUSTOM_UNLIMITED, DRAWDOWN, TOPUP, Tier
from earned.domain.prepaid import Fund, PrepaidBalance
from earned.domain.subscribing import ChargeOverride
from earned.domain.subscription import RatePlanCharge, Subscription
from earned.domain.tenancy import Entity, Scope
from earned.domain.terms import Length, TriggerDates
from earned.services.add_product import AddProduct, add_product
from earned.services.add_rate_plans import ChosenPlan
from earned.services.ports import Books, NumberKind
from earned.services.subscribe import NewSubscription, Subscribe, subscribe
from tests.api import Keeper

NEW_YEAR = date(2026, 1, 1)


@contextmanager
def writing(keeper: Keeper) -> Iterator[Books]:
    """Lend the books of the first entity; what is stored is committed when the block ends."""
    entity = keeper.application.clients.list(Entity)[0]
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    with keeper.application.database.writing() as transaction:
        yield transaction.books(scope)


def account(books: Books, **changes: Any) -> Account:
    """Make an active account in US dollars."""
    facts: dict[str, Any] = {
        "id": books.new_id(),
        "entity_id": books.scope.entity_id,
        "number": changes.get("number") or books.next_number(NumberKind.ACCOUNT),
        "name": "Acme",
        "currency": "USD",
        "bill_to": {},
        "sold_to": {},
        **books.stamp(),
    }
    return books.accounts.add(Account(**{**facts, **changes}))


def unit(books: Books, name: str = "Token", **changes: Any) -> UnitOfMeasure:
    """Make a unit of measure with two decimals, rounded up, or return the one of that name."""
    facts: dict[str, Any] = {
        "id": books.new_id(),
        "entity_id": books.scope.entity_id,
        "name": name,
        "displayed_as": name,
        "decimal_places": 2,
        **books.stamp(),
    }
    found = books.units.find(name=name)
    return found or books.units.add(UnitOfMeasure(**{**facts, **changes}))


def rate_plan(books: Books, name: str = "Plan") -> ProductRatePlan:
    """Make a product with a rate plan that has no charges yet."""
    product = books.products.add(
        Product(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=books.next_number(NumberKind.PRODUCT),
            name=f"{name} product",
            effective_start_date=date(2000, 1, 1),
            effective_end_date=date(2099, 12, 31),
            **books.stamp(),
        )
    )
    return books.product_rate_plans.add(
        ProductRatePlan(
            id=books.new_id(),
            entity_id=books.scope.entity_id,
            number=books.next_number(NumberKind.PRODUCT_RATE_PLAN),
            product_id=product.id,
            name=name,
            **books.stamp(),
        )
    )


def charge(books: Books, plan: ProductRatePlan, **changes: Any) -> ProductRatePlanCharge:
    """Add a charge to a rate plan: a flat fee of 10 USD a month unless `changes` say otherwise."""
    facts: dict[str, Any] = {
        "id": books.new_id(),
        "entity_id": books.scope.entity_id,
        "number": books.next_number(NumberKind.PRODUCT_RATE_PLAN_CHARGE),
        "product_rate_plan_id": plan.id,
        "name": "Fee",
        "charge_type": "Recurring",
        "charge_model": "FlatFee",
        "tiers": prices(10),
        "billing_period": "Month",
        "billing_timing": "IN_ADVANCE",
        "billing_period_alignment": "AlignToTermStart",
        "bill_cycle_type": "TermStartDay",
        "trigger_event": "ContractEffective",
        "end_date_condition": "SubscriptionEnd",
        **books.stamp(),
    }
    return books.product_charges.add(ProductRatePlanCharge(**{**facts, **changes}))


def prices(price: int | str, currency: str = "USD") -> tuple[Tier, ...]:
    """Return the one tier of a charge with one price."""
    return (Tier(currency=currency, price=Decimal(price)),)


def prepayment_charge(
    books: Books,
    plan: ProductRatePlan,
    *,
    uom: str = "Token",
    units: int | str = 100_000,
    price: int | str = 1000,
    period: str = "MONTH",
    **changes: Any,
) -> ProductRatePlanCharge:
    """Add a charge that prepays `units` in each validity period, billed monthly in advance."""
    unit(books, uom)
    prepaid: dict[str, Any] = {
        "name": "Prepayment",
        "uom": None if changes.get("charge_model", "FlatFee") == "FlatFee" else uom,
        "tiers": prices(price),
        "is_prepaid": True,
        "prepaid_operation_type": TOPUP,
        "prepaid_quantity": Decimal(units),
        "prepaid_uom": uom,
        "validity_period_type": period,
        "credit_option": "TimeBased",
        "commitment_type": "UNIT",
    }
    return charge(books, plan, **{**prepaid, **changes})


def drawdown_charge(
    books: Books,
    plan: ProductRatePlan,
    *,
    uom: str = "Token",
    price: int | str = "0.02",
    rate: int | str = 1,
    drawn: str | None = None,
    **changes: Any,
) -> ProductRatePlanCharge:
    """Add a usage charge that draws `drawn` (by default `uom`) and prices overage per unit."""
    unit(books, uom)
    facts: dict[str, Any] = {
        "name": "Drawdown",
        "charge_type": "Usage",
        "charge_model": "PerUnit",
        "uom": uom,
        "tiers": prices(price),
        "billing_timing": None,
        "is_prepaid": True,
        "prepaid_operation_type": DRAWDOWN,
        "drawdown_uom": drawn or uom,
        "drawdown_rate": Decimal(rate),
    }
    return charge(books, plan, **{**facts, **changes})


def unlimited_charge(
    books: Books, plan: ProductRatePlan, price: int | str = 300, **changes: Any
) -> ProductRatePlanCharge:
    """Add a one-time charge whose revenue schedules are made by hand."""
    facts: dict[str, Any] = {
        "name": "Project",
        "charge_type": "OneTime",
        "tiers": prices(price),
        "billing_period": None,
        "revenue_recognition_rule_name": CUSTOM_UNLIMITED,
    }
    return charge(books, plan, **{**facts, **changes})


def prepaid_plan(
    books: Books,
    *,
    uom: str = "Token",
    units: int | str = 100_000,
    price: int | str = 1000,
    overage: int | str = "0.02",
    rate: int | str = 1,
    period: str = "MONTH",
) -> ProductRatePlan:
    """Make a plan with a monthly prepayment charge and a drawdown charge of the same unit."""
    plan = rate_plan(books)
    prepayment_charge(books, plan, uom=uom, units=units, price=price, period=period)
    drawdown_charge(books, plan, uom=uom, price=overage, rate=rate)
    return plan


@dataclass(frozen=True)
class Sold:
    """A subscription and what it made."""

    subscription: Subscription
    charges: Sequence[RatePlanCharge]
    balances: Sequence[PrepaidBalance]
    funds: Sequence[Fund]

    def charge(self, name: str) -> RatePlanCharge:
        """Return the charge of that name (`Prepayment`, `Drawdown`, `Fee`, `Project`)."""
        return next(charge for charge in self.charges if charge.name == name)


def sell(
    books: Books,
    customer: Account,
    *plans: ProductRatePlan,
    start: date = NEW_YEAR,
    months: int | None = 12,
    **changes: Any,
) -> Sold:
    """Subscribe `customer` to plans for a term of `months`, evergreen if that is None.

    `changes` are fields of `NewSubscription`.
    """
    new = NewSubscription(
        triggers=TriggerDates.of(start),
        term_type="TERMED" if months else "EVERGREEN",
        initial_term=Length(months) if months else None,
        rate_plans=[ChosenPlan(product_rate_plan_id=plan.id) for plan in plans],
        **changes,
    )
    subscription = subscribe(books, Subscribe(account_key=customer.id, subscription=new))
    return sold(books, subscription)


def add(
    books: Books, subscription: Subscription, plan: ProductRatePlan, on: date, **override: Any
) -> Sold:
    """Add a plan to the latest version of a subscription; `override` changes its only charge."""
    latest = books.subscriptions.find(original_id=subscription.original_id, is_latest=True)
    assert latest
    charges = books.product_charges.list(product_rate_plan_id=plan.id)
    overrides = [
        ChargeOverride(product_rate_plan_charge_id=charge.id, **override) for charge in charges
    ]
    command = AddProduct(
        triggers=TriggerDates.of(on),
        rate_plan=ChosenPlan(product_rate_plan_id=plan.id, charge_overrides=overrides),
    )
    return sold(books, add_product(books, latest, command))


def sold(books: Books, subscription: Subscription) -> Sold:
    """Return a subscription with what hangs on it, in the order it was made."""
    balances = books.balances.list(original_subscription_id=subscription.original_id)
    return Sold(
        subscription,
        books.charges.list(subscription_id=subscription.id, order_by=["number"]),
        balances,
        books.funds.list(
            prepaid_balance_id=[b.id for b in balances], order_by=["start_date", "id"]
        ),
    )
