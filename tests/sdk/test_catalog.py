"""The official client, unmodified, sets up a catalog, a chart of accounts and periods (R 12)."""

from collections.abc import Iterator
from datetime import date

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.settings import ServerSettings
from earned.http.serve import background
from tests import builders
from tests.api import CLIENT_ID, CLIENT_SECRET, serving

# The client is written for an older pydantic than it asks for, and warns of its own strings.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]


@pytest.fixture
def client(founded_sqlite_url: str) -> Iterator[zuora_sdk.ApiClient]:
    """Lend a signed-in client of a server on a socket, whose books have a unit of measure."""
    with serving(founded_sqlite_url) as api, builders.writing(api) as books:
        builders.unit(books, "Token")
    with background(ServerSettings(founded_sqlite_url)) as address:
        signed_in = ZuoraClient(
            CLIENT_ID, CLIENT_SECRET, None, zuora_sdk.Configuration(host=address)
        )
        signed_in.initialize()
        yield signed_in.api_client


def prepayment(plan_id: str) -> zuora_sdk.CreateProductRatePlanChargeRequest:
    price = zuora_sdk.ProductRatePlanChargeTier(
        currency="USD", price=100.25, price_format="Flat Fee"
    )
    return zuora_sdk.CreateProductRatePlanChargeRequest(
        product_rate_plan_id=plan_id,
        name="Prepayment",
        charge_model="Flat Fee Pricing",
        charge_type="Recurring",
        bill_cycle_type="TermStartDay",
        billing_period="Semi-Annual",
        billing_timing="In Advance",
        list_price_base="Per Billing Period",
        trigger_event="ContractEffective",
        use_discount_specific_accounting_code=False,
        is_prepaid=True,
        prepaid_operation_type="topup",
        prepaid_uom="Token",
        prepaid_quantity=100.5,
        validity_period_type="SEMI_ANNUAL",
        product_rate_plan_charge_tier_data=zuora_sdk.ProductRatePlanChargeTierData(
            product_rate_plan_charge_tier=[price]
        ),
    )


def test_the_client_sets_up_a_catalog_and_takes_it_down(client: zuora_sdk.ApiClient) -> None:
    products = zuora_sdk.ProductsApi(client)
    plans = zuora_sdk.ProductRatePlansApi(client)
    charges = zuora_sdk.ProductRatePlanChargesApi(client)

    product = products.create_product(
        zuora_sdk.CreateProductRequest(
            name="Tokens",
            effective_start_date=date(2026, 1, 1),
            effective_end_date=date(2036, 1, 1),
        )
    )
    plan = plans.create_product_rate_plan(
        zuora_sdk.CreateProductRatePlanRequest(name="Half-yearly", product_id=product.id)
    )
    charge = charges.create_product_rate_plan_charge(prepayment(plan.id))
    charges.update_product_rate_plan_charge(
        charge.id, zuora_sdk.UpdateProductRatePlanChargeRequest(prepaid_quantity=7)
    )

    found = charges.get_product_rate_plan_charge(charge.id)
    assert found.charge_model == "Flat Fee Pricing"
    assert (found.billing_period, found.billing_timing) == ("Semi-Annual", "In Advance")
    assert (found.prepaid_quantity, found.prepaid_total_quantity) == (7, 7)
    assert found.validity_period_type == "SEMI_ANNUAL"
    assert products.get_product(product.id).name == "Tokens"
    assert [p.id for p in products.get_products().products] == [product.id]
    assert plans.get_product_rate_plan(plan.id).status == "Active"
    (listed,) = plans.get_rate_plans_by_product(product.id).product_rate_plans
    assert listed.product_rate_plan_charges[0].pricing[0].price == "100.25"

    assert charges.delete_product_rate_plan_charge(charge.id).success
    assert plans.delete_product_rate_plan(plan.id).success
    assert products.delete_product(product.id).success


def test_the_client_keeps_a_chart_of_accounts(client: zuora_sdk.ApiClient) -> None:
    codes = zuora_sdk.AccountingCodesApi(client)

    made = codes.create_accounting_code(
        zuora_sdk.CreateAccountingCodeRequest(name="Token Revenue", type="SalesRevenue")
    )
    codes.update_accounting_code(made.id, zuora_sdk.UpdateAccountingCodeRequest(notes="Drawn down"))

    assert codes.get_accounting_code(made.id).notes == "Drawn down"
    assert codes.get_all_accounting_codes().accounting_codes[0].category == "Revenue"
    assert codes.deactivate_accounting_code(made.id).success
    assert codes.activate_accounting_code(made.id).success
    assert codes.deactivate_accounting_code(made.id).success
    assert codes.delete_accounting_code(made.id).success


def test_the_client_closes_and_reopens_a_period(client: zuora_sdk.ApiClient) -> None:
    periods = zuora_sdk.AccountingPeriodsApi(client)

    made = periods.create_accounting_period(
        zuora_sdk.CreateAccountingPeriodRequest(
            name="Jan 2026",
            start_date=date(2026, 1, 1),
            end_date=date(2026, 1, 31),
            fiscal_year=2026,
        )
    )
    assert periods.run_trial_balance(made.id).success
    assert periods.pending_close_accounting_period(made.id).success
    assert periods.close_accounting_period(made.id).success

    closed = periods.get_accounting_period(made.id)
    assert (closed.status, closed.run_trial_balance_status) == ("Closed", "Completed")
    listed = periods.get_all_accounting_periods().accounting_periods
    assert [(period.name, period.start_date) for period in listed] == [
        ("Jan 2026", "2026-01-01"),
        ("Open-Ended", "2026-02-01"),
    ]
    assert periods.reopen_accounting_period(made.id).success
    changed = zuora_sdk.UpdateAccountingPeriodRequest(notes="Again")
    assert periods.update_accounting_period(made.id, changed).success
    assert periods.delete_accounting_period(made.id).success
