"""Books with something in them: builders with keyword defaults and no randomness.

`with writing(api) as books:` lends the books of the first entity; every builder stores through
them. `prepaid_plan` and `sell` make the usual case: a plan that prepays units and a subscription.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from earned.domain.account import Account
from earned.domain.calendar import add_months
from earned.domain.catalog import (
    Product,
    ProductRatePlan,
    ProductRatePlanCharge,
    UnitOfMeasure,
)
from earned.domain.charge import CUSTOM_UNLIMITED, DRAWDOWN, TOPUP, ChargeTerms, Tier
from earned.domain.exact import multiply
from earned.domain.prepaid import (
    BalanceTransaction,
    Fund,
    PrepaidBalance,
    SourceType,
    TransactionType,
    ValidityPeriodSummary,
)
from earned.domain.subscription import RatePlan, RatePlanCharge, Subscription
from earned.domain.tenancy import Entity, Scope
from earned.services.ports import Books, NumberKind
from tests.api import Api

NEW_YEAR = date(2026, 1, 1)


@contextmanager
def writing(api: Api) -> Iterator[Books]:
    """Lend the books of the first entity; what is stored is committed when the block ends."""
    entity = api.application.clients.list(Entity)[0]
    scope = Scope(tenant_id=entity.tenant_id, entity_id=entity.id, user_id="tests")
    with api.application.database.writing() as transaction:
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
    plan: ProductRatePlan,
    *,
    start: date = NEW_YEAR,
    months: int = 12,
) -> Sold:
    """Subscribe `customer` to `plan` for a term of `months`."""
    own = books.scope.entity_id
    subscription_id = books.new_id()
    end = add_months(start, months)
    subscription = books.subscriptions.add(
        Subscription(
            id=subscription_id,
            entity_id=own,
            original_id=subscription_id,
            account_id=customer.id,
            invoice_owner_id=customer.id,
            number=books.next_number(NumberKind.SUBSCRIPTION),
            currency=customer.currency,
            term_type="TERMED",
            initial_term=months,
            initial_term_period_type="Month",
            term_start_date=start,
            term_end_date=end,
            contract_effective_date=start,
            service_activation_date=start,
            customer_acceptance_date=start,
            **books.stamp(),
        )
    )
    plan_id = books.new_id()
    books.rate_plans.add(
        RatePlan(
            id=plan_id,
            entity_id=own,
            original_id=plan_id,
            subscription_id=subscription_id,
            product_id=plan.product_id,
            product_rate_plan_id=plan.id,
            name=plan.name,
            **books.stamp(),
        )
    )
    terms = [field.name for field in fields(ChargeTerms)]
    charges = []
    for offered in books.product_charges.list(product_rate_plan_id=plan.id, order_by=["number"]):
        charge_id = books.new_id()
        charges.append(
            RatePlanCharge(
                **{name: getattr(offered, name) for name in terms},
                id=charge_id,
                entity_id=own,
                original_id=charge_id,
                number=books.next_number(NumberKind.CHARGE),
                rate_plan_id=plan_id,
                subscription_id=subscription_id,
                original_subscription_id=subscription_id,
                subscription_number=subscription.number,
                account_id=customer.id,
                product_rate_plan_charge_id=offered.id,
                currency=customer.currency,
                effective_start_date=start,
                effective_end_date=end,
            )
        )
    books.charges.add_all(charges)
    for charged in charges:
        if charged.is_topup:
            _fund_each_month(books, subscription, charged, months)
    balances = books.balances.list(original_subscription_id=subscription_id)
    found = books.funds.list(
        prepaid_balance_id=[balance.id for balance in balances], order_by=["start_date"]
    )
    return Sold(subscription, charges, balances, found)


def _fund_each_month(
    books: Books, subscription: Subscription, charged: RatePlanCharge, months: int
) -> None:
    """Make one fund a month; the stand-in until services activate funds."""
    own, customer = books.scope.entity_id, subscription.account_id
    assert charged.prepaid_uom
    assert charged.prepaid_quantity
    total = multiply(charged.prepaid_quantity, Decimal(months))
    balance = books.balances.add(
        PrepaidBalance(
            id=books.new_id(),
            entity_id=own,
            account_id=customer,
            original_subscription_id=subscription.id,
            name=f"{subscription.number}_{charged.prepaid_uom}",
            uom=charged.prepaid_uom,
            total_fund=total,
            balance=total,
            start_date=subscription.term_start_date,
            end_date=subscription.term_end_date or date.max,
            **books.stamp(),
        )
    )
    for month in range(months):
        start = add_months(subscription.term_start_date, month)
        end = add_months(subscription.term_start_date, month + 1)
        period = books.validity_periods.add(
            ValidityPeriodSummary(
                id=books.new_id(),
                entity_id=own,
                account_id=customer,
                prepaid_balance_id=balance.id,
                account_number=subscription.account_id,
                subscription_number=subscription.number,
                uom=balance.uom,
                start_date=start,
                end_date=end,
                total_balance=charged.prepaid_quantity,
                remaining_balance=charged.prepaid_quantity,
                **books.stamp(),
            )
        )
        fund = books.funds.add(
            Fund(
                id=books.new_id(),
                entity_id=own,
                account_id=customer,
                prepaid_balance_id=balance.id,
                validity_period_summary_id=period.id,
                source_id=charged.original_id,
                charge_number=charged.number,
                charge_segment=1,
                currency=charged.currency,
                funded_balance=charged.prepaid_quantity,
                balance=charged.prepaid_quantity,
                funding_price_minor=int(charged.tiers[0].price * 100),
                start_date=start,
                end_date=end,
                transaction_count=1,
                **books.stamp(),
            )
        )
        books.transactions.add(
            BalanceTransaction(
                id=books.new_id(),
                entity_id=own,
                account_id=customer,
                prepaid_balance_id=balance.id,
                fund_id=fund.id,
                sequence=1,
                amount=fund.funded_balance,
                balance=multiply(charged.prepaid_quantity, Decimal(month + 1)),
                transaction_date=start,
                transaction_type=TransactionType.PREPAYMENT,
                source_type=SourceType.CHARGE,
                source_id=charged.original_id,
                created_by="tests",
                created_at=books.now,
            )
        )
