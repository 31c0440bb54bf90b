"""Who buys: accounts in three currencies, and the orders they place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from earned.cli.story.catalog import (
    FLIGHTS,
    LARGE_JET,
    LIGHT_JET,
    ONBOARDING,
    STORAGE,
    STORED,
    TOKENS,
    TOKENS_USED,
    TOP_UP,
)
from earned.cli.story.months import DAYS_USED, PERIODS, Months
from earned.cli.story.wire import Json, Wire

TOP_UP_MONTH, TOP_UP_DAY = 4, 10

FIRST_MONTH = "StoryFirstMonth__c"
"""The custom field of the accounts that says from when on their story is."""

_TRIGGERS = ("ContractEffective", "ServiceActivation", "CustomerAcceptance")


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, what is sold to them, and how much they use each month.

    `used` is in steps of the unit's last decimal, for each month of the story; they are spread over
    `a_day` records on each of `days`, in turn on the charges called `charges`. A fund of theirs is
    good for `fund_months`.
    """

    number: str
    name: str
    currency: str
    plans: Sequence[str]
    charges: Sequence[str]
    uom: str
    used: Sequence[int]
    a_day: int
    fund_months: int
    days: range = range(1, DAYS_USED + 1)

    @property
    def subscription(self) -> str:
        """The number of their subscription."""
        return f"S-{self.number}"


NIMBUS = Customer(
    number="NIMBUS",
    name="Nimbus Labs",
    currency="USD",
    plans=(TOKENS, ONBOARDING),
    charges=(TOKENS_USED,),
    uom="Token",
    used=(640_000, 760_000, 880_000, 960_000, 1_120_000, 1_260_000, 1_300_000),
    a_day=7,
    fund_months=1,
)
HARBOR = Customer(
    number="HARBOR",
    name="Harbor Analytics",
    currency="USD",
    plans=(TOKENS,),
    charges=(TOKENS_USED,),
    uom="Token",
    used=(850_000, 870_000, 900_000, 940_000, 1_180_000, 980_000, 990_000),
    a_day=5,
    fund_months=1,
)
AERO = Customer(
    number="AERO",
    name="Aero Charter",
    currency="EUR",
    plans=(FLIGHTS,),
    charges=(LIGHT_JET, LARGE_JET),
    uom="Hour",
    used=(2_400, 2_500, 2_500, 2_600, 2_700, 2_800, 2_800),
    a_day=1,
    fund_months=12,
    days=range(2, DAYS_USED + 1, 2),
)
KUMO = Customer(
    number="KUMO",
    name="Kumo Storage",
    currency="JPY",
    plans=(STORAGE,),
    charges=(STORED,),
    uom="GB-day",
    used=(2_600, 2_800, 3_000, 3_100, 3_300, 3_500, 3_600),
    a_day=2,
    fund_months=3,
)
CUSTOMERS = (NIMBUS, HARBOR, AERO, KUMO)


def open_account(wire: Wire, customer: Customer, months: Months) -> None:
    """Make a customer's account."""
    contact = {"firstName": "Ada", "lastName": customer.name, "country": "US", "state": "CA"}
    account = {
        "accountNumber": customer.number,
        "name": customer.name,
        "currency": customer.currency,
        "billToContact": contact,
        "billCycleDay": 1,
        FIRST_MONTH: months.first.isoformat(),
    }
    wire.post("/v1/accounts", account)


def sell(wire: Wire, customer: Customer, months: Months, plans: Mapping[str, str]) -> None:
    """Sell a customer a subscription for the twelve months of the story."""
    created = {
        "subscriptionNumber": customer.subscription,
        "terms": {
            "initialTerm": {"period": PERIODS, "periodType": "Month", "termType": "TERMED"},
            "renewalSetting": "RENEW_WITH_SPECIFIC_TERM",
            "renewalTerms": [{"period": PERIODS, "periodType": "Month"}],
            "autoRenew": False,
        },
        "subscribeToRatePlans": [{"productRatePlanId": plans[name]} for name in customer.plans],
    }
    action = {"type": "CreateSubscription", "createSubscription": created}
    wire.post("/v1/orders", _order(customer, action, months.first.isoformat()))


def top_up(wire: Wire, customer: Customer, months: Months, plans: Mapping[str, str]) -> None:
    """Sell a customer more units in the middle of a month."""
    action = {"type": "AddProduct", "addProduct": {"productRatePlanId": plans[TOP_UP]}}
    day = months.day(TOP_UP_MONTH, TOP_UP_DAY).isoformat()
    body = _order(customer, action, day)
    body["subscriptions"][0]["subscriptionNumber"] = customer.subscription
    wire.post("/v1/orders", body)


def _order(customer: Customer, action: Json, day: str) -> Json:
    triggers = [{"name": name, "triggerDate": day} for name in _TRIGGERS]
    return {
        "orderDate": day,
        "existingAccountNumber": customer.number,
        "subscriptions": [{"orderActions": [{**action, "triggerDates": triggers}]}],
        "processingOptions": {"runBilling": False},
    }


def charges_of(wire: Wire, customer: Customer) -> Mapping[str, Json]:
    """Return the charges of a customer's subscription by name."""
    found = wire.get(f"/v1/subscriptions/{customer.subscription}")
    return {
        charge["name"]: charge for plan in found["ratePlans"] for charge in plan["ratePlanCharges"]
    }
