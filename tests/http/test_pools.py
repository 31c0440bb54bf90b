"""Funds of a rate plan and of an account, and accounts above others (U 1.4, 2.17)."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from earned.bootstrap.first_run import add_client
from earned.domain.account import Account
from earned.domain.exact import plain
from earned.domain.tenancy import Entity, Organization
from earned.services.audit_books import audit_books
from earned.services.ports import Books
from earned.services.redraw import redraw
from earned.services.regenerate_consumption import (
    RegenerateConsumption,
    Regenerated,
    rebuild_consumption,
    restore_consumption,
)
from tests import builders
from tests.api import QUICK, Api, sign_in
from tests.builders import writing
from tests.explaining import explained, nodes
from tests.http.test_usage import URL, events, record, refusal


def pool_plan(books: Books, units: int = 100, **changes: Any) -> Any:
    """Make a plan that prepays `units` tokens a year for a whole account, at 1 USD each."""
    plan = builders.rate_plan(books, "Pool")
    facts = {"units": units, "price": units, "period": "ANNUAL", "billing_period": "Annual"}
    scope = {"name": "Pool", "commitment_level": "ACCOUNT"}
    builders.prepayment_charge(books, plan, **{**facts, **scope, **changes})
    return plan


def metered(books: Books, price: str = "2") -> Any:
    """Make a plan that draws tokens, 2 USD each beyond."""
    plan = builders.rate_plan(books, "Metered")
    builders.drawdown_charge(books, plan, price=price)
    return plan


def family(books: Books) -> tuple[Account, Account, Account]:
    """Make an account, one below it and one below that."""
    top = builders.account(books)
    middle = builders.account(books, parent_id=top.id)
    return top, middle, builders.account(books, parent_id=middle.id)


def left(api: Api) -> dict[str, Decimal]:
    with writing(api) as books:
        return {row.name: row.balance for row in books.balances.list(order_by=["name"])}


def assert_sound(api: Api) -> None:
    """Check that an audit finds nothing, and regenerating nothing to do."""
    with writing(api) as books:
        assert list(audit_books(books, Counter())) == []
        for charge in books.charges.list(is_latest=True):
            if charge.is_topup:
                rebuilt = rebuild_consumption(
                    books, RegenerateConsumption(original_charge_id=charge.original_id)
                )
                assert restore_consumption(books, rebuilt) == Regenerated()


def test_two_subscriptions_of_an_account_draw_from_its_pool(api: Api) -> None:
    with writing(api) as books:
        customer = builders.account(books)
        builders.sell(books, customer, pool_plan(books))
        charges = [builders.sell(books, customer, metered(books)).charges[0] for _ in range(2)]

    for charge, quantity in zip(charges, (70, 40), strict=True):
        api.made(URL, record(ChargeId=charge.original_id, Quantity=quantity))

    assert left(api) == {"A00000001_Token": 0}
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "70", 7000),
        ("Daily Rated Usage", "2026-01-10", "30", 3000),
        ("Unbilled Usage", "2026-01-10", "10", 2000),
    ]
    (balance,) = api.found("/object-query/prepaid-balances")["data"]
    assert (balance["scope"], balance.get("origSubscriptionId")) == ("ACCOUNT", None)
    (period,) = api.found("/object-query/validity-period-summaries")["data"]
    assert (period["accountNumber"], period.get("subscriptionNumber")) == ("A00000001", None)
    assert_sound(api)


def test_one_pool_holds_the_funds_of_several_subscriptions(api: Api) -> None:
    with writing(api) as books:
        customer = builders.account(books)
        builders.sell(books, customer, pool_plan(books, 10, drawdown_priority=60))
        builders.sell(books, customer, pool_plan(books, 20))
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan, units=5, price=5)
        builders.drawdown_charge(books, plan)
        builders.sell(books, customer, plan, months=1)

    answer = api.made(URL, record(Quantity=27))

    # The month's own 5 and the 20 have the same priority and first day; the 20 are older.
    assert left(api) == {"A-S00000003_Token": 0, "A00000001_Token": 8}
    used = explained(api, answer["Id"], "?direction=up")
    drawn = [one for one in nodes(used) if one["type"] == "PrepaidBalanceTransaction"]
    assert [one["quantity"] for one in drawn] == ["-20", "-5", "-2"]
    assert_sound(api)


def test_a_fund_of_a_rate_plan_is_drawn_by_its_charges_alone(api: Api) -> None:
    with writing(api) as books:
        plan = builders.rate_plan(books)
        builders.prepayment_charge(books, plan, units=10, price=10, commitment_level="RATEPLAN")
        builders.drawdown_charge(books, plan, name="Inside", price=2)
        other = builders.rate_plan(books, "Other")
        builders.drawdown_charge(books, other, name="Outside", price=3)
        sold = builders.sell(books, builders.account(books), plan, other, months=1)
        added = builders.rate_plan(books, "Added")
        builders.drawdown_charge(books, added, name="Added")
        sold = builders.add(books, sold.subscription, added, builders.NEW_YEAR)

    for name in ("Outside", "Inside"):
        api.made(URL, record(ChargeId=sold.charge(name).original_id, Quantity=4))

    assert left(api) == {"A-S00000001_Token": 6}
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "4", 400),
        ("Unbilled Usage", "2026-01-10", "4", 1200),
    ]
    assert_sound(api)


@pytest.mark.parametrize(("supported", "kept"), [(True, 70), (False, 100)])
def test_accounts_below_draw_where_the_fund_supports_the_hierarchy(
    api: Api,
    supported: bool,  # noqa: FBT001
    kept: int,
) -> None:
    with writing(api) as books:
        top, _, bottom = family(books)
        builders.sell(books, top, pool_plan(books, fund_support_account_hierarchy=supported))
        builders.sell(books, bottom, metered(books))

    api.made(URL, record(AccountNumber="A00000003", Quantity=30))

    assert left(api) == {"A00000001_Token": kept}
    assert [row[0] for row in events(api)] == [
        "Daily Rated Usage" if supported else "Unbilled Usage"
    ]
    assert_sound(api)


def test_u_217_usage_of_accounts_below_counts_for_the_nearest_account_above(api: Api) -> None:
    api.settings(include_usage_from_child_accounts=True)
    with writing(api) as books:
        top, _, _ = family(books)
        builders.sell(books, top, builders.prepaid_plan(books, units=100, price=100), months=1)

    api.made(URL, record(AccountNumber="A00000003", Quantity=60))
    api.made(URL, record(AccountNumber="A00000002", Quantity=60))

    assert left(api) == {"A-S00000001_Token": 0}
    with writing(api) as books:
        (rating,) = books.rating_results.list()
        assert (rating.account_id, int(rating.quantity)) == (top.id, 20)
    assert_sound(api)
    assert api.found("/v1/usage/accounts/A00000003")["usage"][0]["quantity"] == 60
    report = "/v1/reports/usage-to-revenue?accountKey="
    for asked in (top.number, f"{top.number}&asOf=2026-01-16T00:00:00Z"):
        used, fund, overage = api.found(f"{report}{asked}")["rows"]
        units = ("unitsRecorded", "unitsDrawn", "unitsOverage", "unitsUnexplained")
        assert [used[name] for name in units] == [120, 100, 20, 0]
        assert (fund["dailyAmount"], overage["dailyAmount"]) == (100, 0.4)
    assert api.found(f"{report}A00000003")["rows"] == []


def test_an_account_with_a_charge_of_its_own_keeps_its_usage(api: Api) -> None:
    api.settings(include_usage_from_child_accounts=True)
    with writing(api) as books:
        top, middle, _ = family(books)
        builders.sell(books, top, builders.prepaid_plan(books, units=100, price=100), months=1)
        builders.sell(books, middle, metered(books), months=1)

    api.made(URL, record(AccountNumber="A00000003", Quantity=3))
    # After the term of the subscription in the middle the one at the top is over, too.
    api.made(URL, record(AccountNumber="A00000003", Quantity=3, StartDateTime="2026-03-01"))

    assert left(api) == {"A-S00000001_Token": 100}
    assert events(api) == [("Unbilled Usage", "2026-01-10", "3", 600)]
    assert_sound(api)


@pytest.mark.parametrize("case", ["setting", "account", "subscription"])
def test_usage_is_not_counted_above_unless_everybody_says_so(api: Api, case: str) -> None:
    api.settings(include_usage_from_child_accounts=case != "setting")
    with writing(api) as books:
        top, _, bottom = family(books)
        builders.sell(books, top, builders.prepaid_plan(books), months=1)
        books.accounts.change(bottom, roll_up_usage=case != "account")
        named = {}
        if case == "subscription":
            named["SubscriptionNumber"] = builders.sell(
                books, bottom, builders.rate_plan(books)
            ).subscription.number

    code, message = refusal(api, record(AccountNumber="A00000003", **named))

    assert (code, message) == ("INVALID_VALUE", "The UOM Token does not match any existing charge")


def test_a_correction_gives_back_to_the_pool_that_an_account_has_left(api: Api) -> None:
    with writing(api) as books:
        top, middle, _ = family(books)
        builders.sell(books, top, pool_plan(books, fund_support_account_hierarchy=True))
        builders.sell(books, middle, metered(books))
    answer = api.made(URL, record(AccountNumber="A00000002", Quantity=30))
    api.put("/v1/accounts/A00000002", {"parentId": ""})

    assert api.put(f"{URL}/{answer['Id']}", {"Quantity": 20}).status_code == 200

    assert left(api) == {"A00000001_Token": 100}
    assert events(api) == [
        ("Daily Rated Usage", "2026-01-10", "0", 0),
        ("Unbilled Usage", "2026-01-10", "20", 4000),
    ]
    assert_sound(api)


def test_usage_that_a_pool_covers_later_is_drawn_again(api: Api) -> None:
    with writing(api) as books:
        top, _, bottom = family(books)
        builders.sell(books, bottom, metered(books))
    api.made(URL, record(AccountNumber="A00000003", Quantity=30))
    with writing(api) as books:
        plan = pool_plan(books, fund_support_account_hierarchy=True)
        sold = builders.sell(books, top, plan)
        (pool,) = books.balances.list()

        assert redraw(books, [pool.id]) == 1

    assert sold.funds == ()
    assert left(api) == {"A00000001_Token": 70}
    assert_sound(api)


def test_an_account_of_another_organization_draws_from_the_pool_above(api: Api) -> None:
    entity = api.application.clients.list(Entity)[0]
    organizations = [
        Organization(id=api.application.database.new_id(), entity_id=entity.id, name=name)
        for name in ("Group", "Daughter")
    ]
    for organization in organizations:
        api.application.clients.add(organization)
    group, daughter = (organization.id for organization in organizations)
    client = add_client(
        api.application,
        entity.tenant_id,
        (entity.id,),
        "secret",
        organization_ids=(daughter,),
        secret_cost=QUICK,
    )
    with writing(api) as books:
        top = builders.account(books, organization_id=group)
        below = builders.account(books, parent_id=top.id, organization_id=daughter)
        builders.sell(books, top, pool_plan(books, fund_support_account_hierarchy=True))
        builders.sell(books, below, metered(books))
    headers = sign_in(api.http, client.id, "secret")

    api.made(URL, record(AccountNumber="A00000002", Quantity=30), **headers)

    assert left(api) == {"A00000001_Token": 70}
    assert api.found("/object-query/prepaid-balances", **headers)["data"] == []
    assert_sound(api)


def test_an_account_is_changed_but_never_put_below_itself(api: Api) -> None:
    with writing(api) as books:
        top, _, bottom = family(books)

    for parent in (bottom.id, top.id):
        refused = api.put(f"/v1/accounts/{top.number}", {"parentId": parent})
        assert refused.status_code == 400
        assert refused.json()["reasons"][0]["code"] == 50100030
    changed = {"rollUpUsage": False, "notes": "Moved", "parentId": None, "Tier__c": "gold"}
    answer = api.put(f"/v1/accounts/{bottom.number}", changed)

    assert answer.json()["success"] is True
    found = api.found(f"/v1/accounts/{bottom.id}")["basicInfo"]
    assert {name: found[name] for name in changed} == changed
    assert found["name"] == "Acme"
    with writing(api) as books:
        (trace,) = books.audit.list(action="changed", object_type="Account")
    assert str(trace.detail["is"]).count("'parent_id': None") == 1


def test_an_account_may_name_its_parent_by_number(api: Api) -> None:
    with writing(api) as books:
        top = builders.account(books)
    contact = {"firstName": "Ada", "lastName": "Ames"}
    body = {"name": "Below", "currency": "USD", "billToContact": contact}

    made = api.made("/v1/accounts", {**body, "parentAccountNumber": top.number})

    found = api.found(f"/v1/accounts/{made['accountId']}")["basicInfo"]
    assert (found["parentId"], found["rollUpUsage"]) == (top.id, True)
    assert api.post("/v1/accounts", {**body, "parentAccountNumber": "A-0"}).status_code == 400


def test_a_subscription_rolls_its_own_funds_of_a_pool_over_and_back(api: Api) -> None:
    monthly = {"period": "MONTH", "billing_period": "Month"}
    with writing(api) as books:
        customer = builders.account(books)
        mine = builders.sell(books, customer, pool_plan(books, 10, **monthly), months=2)
        builders.sell(books, customer, pool_plan(books, 20, **monthly), months=2)
        builders.sell(books, customer, metered(books), months=2)
    january, february = (
        {"startDate": f"2026-0{month}-01", "endDate": f"2026-0{month + 1}-01"} for month in (1, 2)
    )
    asked = {"subscriptionNumber": mine.subscription.number, "prepaymentUom": "Token"}
    forth = {"sourceValidityPeriod": january, "destinationValidityPeriod": february}
    back = {"sourceValidityPeriod": february, "destinationValidityPeriod": january}

    rolled = api.made("/v1/ppdd/rollover", {**asked, **forth, "priority": "ApplyFirst"})

    assert rolled["rolloverFundCount"] == 1
    assert _held(api) == [("30", "20"), ("40", "40")]
    assert_sound(api)
    again = api.made("/v1/ppdd/reverse-rollover", {**asked, **back})
    assert again["reverseRolloverFundCount"] == 1
    assert _held(api) == [("30", "30"), ("30", "30")]
    api.made("/v1/ppdd/rollover", {**asked, **forth, "priority": "ApplyFirst"})
    api.made(URL, record(Quantity=45, StartDateTime="2026-02-10"))
    assert _held(api) == [("30", "20"), ("40", "0")]
    assert events(api)[-1] == ("Unbilled Usage", "2026-02-10", "5", 1000)
    refused = api.post("/v1/ppdd/reverse-rollover", {**asked, **back})
    assert refused.json()["reasons"][0]["code"] == 50450030
    assert_sound(api)


def _held(api: Api) -> list[tuple[str, str]]:
    """Return the total of each validity period, and what remains of it."""
    with writing(api) as books:
        periods = books.validity_periods.list(order_by=["start_date"])
        return [(plain(row.total_balance), plain(row.remaining_balance)) for row in periods]
