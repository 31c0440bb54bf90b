"""The official client, unmodified, from its token to a closed period (R 12, steps 1 to 18).

Units of measure (step 5) and revenue schedules (steps 16, 17) are not in the client: requests for
them are sent through its transport. Not here, because the server does not have them yet: billing
documents and bill runs (11), the other regenerations (15'), changes
of schedules (17, PUT). Journals (19, 20): `test_journal.py`; depletion (21): `test_funds.py`; ad
hoc queries (22): `test_actions.py`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import zuora_sdk
from zuora_sdk.zuora_client import ZuoraClient

from earned.bootstrap.application import open_application
from earned.bootstrap.first_run import ensure_books
from earned.bootstrap.settings import ServerSettings
from earned.http.serve import background
from tests.api import CLIENT_ID, CLIENT_SECRET

# The client is written for an older pydantic than it asks for, and warns of its own strings.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
]

START, END = date(2026, 1, 1), date(2035, 12, 31)
RULE = "Custom - Unlimited recognition"


@pytest.fixture
def client(founded_database_url: str) -> Iterator[zuora_sdk.ApiClient]:
    """Lend a signed-in client of a server on a socket, whose books are empty."""
    application = open_application(ServerSettings(founded_database_url))
    ensure_books(application, CLIENT_ID, CLIENT_SECRET)
    application.close()
    with background(ServerSettings(founded_database_url)) as address:
        signed_in = ZuoraClient(
            CLIENT_ID, CLIENT_SECRET, None, zuora_sdk.Configuration(host=address)
        )
        signed_in.initialize()
        yield signed_in.api_client


def raw(client: zuora_sdk.ApiClient, method: str, path: str, body: Any = None) -> Any:
    """Send what the client has no method for, through its transport."""
    request = client.param_serialize(
        method=method,
        resource_path=path,
        header_params={"Content-Type": "application/json"} if body is not None else {},
        body=body,
        auth_settings=["bearerAuth"],
    )
    response = client.call_api(*request)
    response.read()
    answer = json.loads(response.data)
    assert response.status == 200, answer
    return answer


@dataclass
class Shop:
    """What steps 2 to 10 made."""

    client: zuora_sdk.ApiClient
    account_id: str
    account_number: str
    plan_id: str
    subscription_number: str
    periods: dict[str, str]

    @property
    def queries(self) -> Any:
        return zuora_sdk.ObjectQueriesApi(self.client)

    def charge(self, name: str) -> Any:
        """Return a charge of the subscription, by object query."""
        charges = self.queries.query_rate_plan_charges(page_size=50).data
        return next(charge for charge in charges if charge.name == name)

    def use(self, quantity: float, day: int, **more: Any) -> Any:
        request = zuora_sdk.CreateUsageRequest(
            account_number=self.account_number,
            uom="Token",
            quantity=quantity,
            start_date_time=datetime(2026, 1, day, 10, tzinfo=UTC),
            **more,
        )
        made = zuora_sdk.UsageApi(self.client).create_usage(request)
        assert made.success
        return made.id

    def fund(self) -> Any:
        """Return January's fund."""
        funds = self.queries.query_prepaid_balance_funds(page_size=50).data
        return next(fund for fund in funds if str(fund.start_date) == "2026-01-01")

    def days(self) -> list[tuple[str, float, float, bool]]:
        """Return the daily consumption: day, quantity, amount, and whether a fund covered it."""
        rows = self.queries.query_daily_consumption_summarys(page_size=50).data
        return sorted(
            (
                str(row.transaction_date),
                row.daily_total_quantity,
                row.daily_consumption_amount,
                row.fund_id is not None,
            )
            for row in rows
        )

    def movements(self) -> list[tuple[str, float]]:
        """Return what usage did to the balance, in order."""
        rows = self.queries.query_prepaid_balance_transactions(
            page_size=50, sort=["createddate.ASC"]
        ).data
        return [
            (row.prepaid_balance_transaction_type, row.amount)
            for row in rows
            if row.transaction_source_type == "USAGE"
        ]


@pytest.fixture
def shop(client: zuora_sdk.ApiClient) -> Shop:
    """Carry out steps 2 to 10: the tutorial's plan of 100,000 tokens a month for 1,000.00 USD."""
    account = zuora_sdk.AccountsApi(client).create_account(
        zuora_sdk.CreateAccountRequest(
            name="Acme",
            currency="USD",
            bill_cycle_day=1,
            auto_pay=False,
            bill_to_contact=zuora_sdk.CreateAccountContact(
                first_name="Ada", last_name="Ames", country="United States", state="California"
            ),
        )
    )
    assert account.success
    set_up_accounting(client)
    plan_id = set_up_catalog(client)
    return Shop(
        client,
        account.account_id,
        account.account_number,
        plan_id,
        order(client, account.account_number, create_subscription(plan_id)),
        define_periods(client),
    )


def set_up_accounting(client: zuora_sdk.ApiClient) -> None:
    codes = zuora_sdk.AccountingCodesApi(client)
    for name, kind in (("Token Revenue", "SalesRevenue"), ("Deferred", "DeferredRevenue")):
        assert codes.create_accounting_code(
            zuora_sdk.CreateAccountingCodeRequest(name=name, type=kind)
        ).success


def define_periods(client: zuora_sdk.ApiClient) -> dict[str, str]:
    periods = zuora_sdk.AccountingPeriodsApi(client)
    ids = {}
    for name, start, end in (
        ("Jan'26", date(2026, 1, 1), date(2026, 1, 31)),
        ("Feb'26", date(2026, 2, 1), date(2026, 2, 28)),
    ):
        made = periods.create_accounting_period(
            zuora_sdk.CreateAccountingPeriodRequest(
                name=name, start_date=start, end_date=end, fiscal_year=2026
            )
        )
        assert made.success
        ids[name] = made.id
    return ids


def set_up_catalog(client: zuora_sdk.ApiClient) -> str:
    """Make the unit, the product, its plan and three charges; return the plan's id."""
    unit = {"UomName": "Token", "DecimalPlaces": 0, "RoundingMode": "Up", "Active": True}
    assert raw(client, "POST", "/v1/object/unit-of-measure", unit)["Success"]
    product = zuora_sdk.ProductsApi(client).create_product(
        zuora_sdk.CreateProductRequest(
            name="Tokens", effective_start_date=START, effective_end_date=END
        )
    )
    plan = zuora_sdk.ProductRatePlansApi(client).create_product_rate_plan(
        zuora_sdk.CreateProductRatePlanRequest(name="Monthly", product_id=product.id)
    )
    for charge in (prepayment(), drawdown(), project()):
        zuora_sdk.ProductRatePlanChargesApi(client).create_product_rate_plan_charge(
            zuora_sdk.CreateProductRatePlanChargeRequest(
                product_rate_plan_id=plan.id,
                bill_cycle_type="TermStartDay",
                trigger_event="ContractEffective",
                use_discount_specific_accounting_code=False,
                recognized_revenue_account="Token Revenue",
                deferred_revenue_account="Deferred",
                **charge,
            )
        )
    return str(plan.id)


def price(amount: float, price_format: str) -> Any:
    tier = zuora_sdk.ProductRatePlanChargeTier(
        currency="USD", price=amount, price_format=price_format
    )
    return zuora_sdk.ProductRatePlanChargeTierData(product_rate_plan_charge_tier=[tier])


def prepayment() -> dict[str, Any]:
    return {
        "name": "Prepayment",
        "charge_model": "Flat Fee Pricing",
        "charge_type": "Recurring",
        "billing_period": "Month",
        "billing_timing": "In Advance",
        "is_prepaid": True,
        "prepaid_operation_type": "topup",
        "prepaid_uom": "Token",
        "prepaid_quantity": 100000,
        "validity_period_type": "MONTH",
        "product_rate_plan_charge_tier_data": price(1000, "Flat Fee"),
    }


def drawdown() -> dict[str, Any]:
    return {
        "name": "Drawdown",
        "charge_model": "Per Unit Pricing",
        "charge_type": "Usage",
        "billing_period": "Month",
        "uom": "Token",
        "is_prepaid": True,
        "prepaid_operation_type": "drawdown",
        "drawdown_uom": "Token",
        "drawdown_rate": 1,
        "product_rate_plan_charge_tier_data": price(0.02, "Per Unit"),
    }


def project() -> dict[str, Any]:
    return {
        "name": "Project",
        "charge_model": "Flat Fee Pricing",
        "charge_type": "OneTime",
        "revenue_recognition_rule_name": RULE,
        "product_rate_plan_charge_tier_data": price(300, "Flat Fee"),
    }


def create_subscription(plan_id: str) -> Any:
    return zuora_sdk.CreateOrderAction(
        type="CreateSubscription",
        trigger_dates=[
            zuora_sdk.TriggerDate(name=name, trigger_date=START)
            for name in ("ContractEffective", "ServiceActivation", "CustomerAcceptance")
        ],
        create_subscription=zuora_sdk.CreateOrderCreateSubscription(
            terms=zuora_sdk.OrderActionCreateSubscriptionTerms(
                initial_term=zuora_sdk.InitialTerm(
                    period=12, period_type="Month", term_type="TERMED", start_date=START
                ),
                renewal_setting="RENEW_WITH_SPECIFIC_TERM",
                renewal_terms=[zuora_sdk.RenewalTerm(period=12, period_type="Month")],
                auto_renew=False,
            ),
            subscribe_to_rate_plans=[
                zuora_sdk.CreateOrderRatePlanOverride(product_rate_plan_id=plan_id)
            ],
        ),
    )


def order(client: zuora_sdk.ApiClient, account_number: str, action: Any) -> str:
    """Place an order of one action; return the number of the subscription."""
    placed = zuora_sdk.OrdersApi(client).create_order(
        zuora_sdk.CreateOrderRequest(
            order_date=START,
            existing_account_number=account_number,
            subscriptions=[zuora_sdk.CreateOrderSubscription(order_actions=[action])],
            processing_options=zuora_sdk.ProcessingOptionsWithDelayedCapturePayment(
                run_billing=False
            ),
        )
    )
    assert placed.success
    assert placed.order_number == "O-00000001"
    (number,) = placed.subscription_numbers
    return str(number)


def test_steps_1_to_10_make_a_fund_for_every_month(shop: Shop) -> None:
    token = zuora_sdk.OAuthApi(shop.client).create_token(
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET, grant_type="client_credentials"
    )
    account = zuora_sdk.AccountsApi(shop.client).get_account(shop.account_number)
    funds = shop.queries.query_prepaid_balance_funds(page_size=50).data

    assert token.token_type == "bearer"
    assert 3590 <= token.expires_in <= 3600
    assert account.basic_info.name == "Acme"
    assert (shop.account_number, shop.subscription_number) == ("A00000001", "A-S00000001")
    assert len(funds) == 12
    assert {(f.funded_balance, f.balance, f.funding_price) for f in funds} == {
        (100_000, 100_000, 1000)
    }
    assert str(shop.fund().end_date) == "2026-02-01"
    assert shop.fund().source_id == shop.charge("Prepayment").original_id
    (balance,) = shop.queries.query_prepaid_balances().data
    assert (balance.name, balance.balance) == ("A-S00000001_Token", 1_200_000)


def test_step_10_also_by_subscription(shop: Shop) -> None:
    made = zuora_sdk.SubscriptionsApi(shop.client).create_subscription(
        zuora_sdk.CreateSubscriptionRequest(
            account_key=shop.account_number,
            contract_effective_date=START,
            term_type="TERMED",
            initial_term=3,
            initial_term_period_type="Month",
            renewal_term=3,
            run_billing=False,
            subscribe_to_rate_plans=[
                zuora_sdk.CreateSubscriptionRatePlan(product_rate_plan_id=shop.plan_id)
            ],
        )
    )

    assert made.success
    assert made.subscription_number == "A-S00000002"
    assert len(shop.queries.query_prepaid_balance_funds(page_size=50).data) == 15


def test_steps_12_to_14_u_31_usage_draws_the_fund_down_and_the_rest_is_overage(shop: Shop) -> None:
    shop.use(61234, 10)
    assert shop.fund().balance == 38_766
    assert shop.days() == [("2026-01-10", 61_234, 612.34, True)]

    shop.use(50000, 11)

    assert shop.fund().balance == 0
    assert shop.days() == [
        ("2026-01-10", 61_234, 612.34, True),
        ("2026-01-11", 11_234, 224.68, False),
        ("2026-01-11", 38_766, 387.66, True),
    ]
    assert shop.movements() == [("DRAWDOWN", -61_234), ("DRAWDOWN", -38_766)]
    (rating,) = shop.queries.query_rating_results().data
    assert (rating.quantity, rating.amount) == (11_234, 224.68)


def test_step_13_records_are_read_changed_listed_and_deleted(shop: Shop) -> None:
    usage = zuora_sdk.UsageApi(shop.client)
    charge = shop.charge("Drawdown")
    first = shop.use(1000, 10, charge_number=charge.charge_number, description="batch 1")
    second = shop.use(250.5, 11, subscription_number=shop.subscription_number)

    found = usage.get_usage(first)
    assert (found.quantity, found.uom, found.description) == (1000, "Token", "batch 1")
    assert (found.rbe_status, found.source_type) == ("Processed", "API")
    assert usage.update_usage(first, zuora_sdk.UpdateUsageRequest(quantity=400)).success
    listed = usage.get_usages_by_account(shop.account_number).usage
    assert [(item.id, item.quantity) for item in listed] == [(second, 250.5), (first, 400)]
    assert [(day, quantity, amount) for day, quantity, amount, _ in shop.days()] == [
        ("2026-01-10", 400, 4.0),
        ("2026-01-11", 251, 2.51),
    ]

    usage.delete_usage(second)

    assert shop.fund().balance == 99_600
    assert shop.movements() == [
        ("DRAWDOWN", -1000),
        ("DRAWDOWN", -251),
        ("DRAWDOWN_ADJUSTMENT", 1000),
        ("DRAWDOWN", -400),
        ("DRAWDOWN_ADJUSTMENT", 251),
    ]


def test_step_13_a_usage_file_is_uploaded_from_disk_or_from_memory(
    shop: Shop, tmp_path: Path
) -> None:
    header = "ACCOUNT_ID,UOM,QTY,STARTDATE,ENDDATE,SUBSCRIPTION_ID,CHARGE_ID,DESCRIPTION"
    file = tmp_path / "usage.csv"
    file.write_text(f"{header}\n{shop.account_number},Token,61234,01/10/2026,,,,\n")

    on_disk = upload(shop.client, str(file))
    in_memory = upload(shop.client, file.read_bytes().replace(b"61234", b""))

    assert (on_disk.status, on_disk.imported_count, on_disk.name) == ("Completed", 1, "usage.csv")
    assert (in_memory.status, in_memory.status_reason) == ("Failed", "The QTY is missing")
    assert shop.fund().balance == 38766
    download = zuora_sdk.FilesApi(shop.client).get_files
    assert download(on_disk.original_resource_url.split("/")[3]) == file.read_bytes()
    refused = download(in_memory.result_resource_url.split("/")[3]).decode().splitlines()
    assert refused[1] == f"2,QTY,The QTY is missing,{shop.account_number},Token,,01/10/2026,,,,"


def test_step_13_an_import_object_is_made_of_a_usage_file(shop: Shop) -> None:
    header = "ACCOUNT_ID,UOM,QTY,STARTDATE,ENDDATE,SUBSCRIPTION_ID,CHARGE_ID,DESCRIPTION"
    file = f"{header}\n{shop.account_number},Token,,01/10/2026,,,,\n".encode()

    imports = zuora_sdk.ImportsApi(shop.client)
    made = imports.object_post_import(file=file, import_type="Usage", name="January")

    assert made.success
    found = imports.object_get_import(made.id)
    assert (found.name, found.import_type) == ("January", "Usage")


def upload(client: zuora_sdk.ApiClient, file: str | bytes) -> Any:
    """Upload a usage file; return the import once it is over."""
    accepted = zuora_sdk.UsageApi(client).upload_usage_file(file)
    assert accepted.success
    path = accepted.check_import_status
    assert accepted.size == len(Path(file).read_bytes() if isinstance(file, str) else file)
    for _ in range(1000):
        if raw(client, "GET", path)["importStatus"] in {"Completed", "Failed"}:
            break
    return zuora_sdk.ImportsApi(client).object_get_import(path.split("/")[3])


def test_step_15_regenerating_moves_nothing(shop: Shop) -> None:
    shop.use(61234, 10)
    before = shop.days()
    regenerate = zuora_sdk.RegenerateApi(shop.client)
    charge = shop.charge("Prepayment")

    for recollect in (False, True):
        done = regenerate.p_ost_generate_rev_rec_events_for_daily_consumption(
            zuora_sdk.DailyConsumptionRevRecRequest(
                original_charge_id=charge.original_id,
                charge_segment_number="1",
                fund_id=shop.fund().id,
            ),
            for_revenue_recollect=recollect,
        )
        assert done.success

    assert shop.days() == before


def test_steps_16_and_17_a_revenue_schedule_by_hand(shop: Shop) -> None:
    path = f"/v1/revenue-schedules/subscription-charges/{shop.charge('Project').id}"
    made = raw(
        shop.client,
        "POST",
        path,
        {
            "amount": "300",
            "revenueScheduleDate": "2026-01-01",
            "revenueDistributions": [
                {"accountingPeriodName": "Jan'26", "newAmount": "100"},
                {"accountingPeriodName": "Feb'26", "newAmount": "200"},
            ],
        },
    )

    number = made["revenueScheduleNumber"]
    schedule = raw(shop.client, "GET", f"/v1/revenue-schedules/{number}")
    assert [
        (item["accountingPeriodName"], item["amount"])
        for item in schedule["revenueItems"]
        if item["amount"]
    ] == [("Jan'26", 100), ("Feb'26", 200)]
    assert schedule["unrecognizedRevenue"] == 300
    listed = raw(shop.client, "GET", path)["revenueSchedules"]
    assert [one["number"] for one in listed] == [number]
    items = raw(shop.client, "GET", f"/v1/revenue-items/revenue-schedules/{number}")
    assert len(items["revenueItems"]) >= 2
    events = raw(shop.client, "GET", f"/v1/revenue-events/revenue-schedules/{number}")
    assert len(events["revenueEventDetails"]) == 1


def test_step_17_a_revenue_schedule_is_distributed_changed_and_deleted(shop: Shop) -> None:
    charge = shop.charge("Project").id
    path = f"/v1/revenue-schedules/subscription-charges/{charge}"
    new = {"amount": "300", "revenueScheduleDate": "2026-01-01"}
    number = raw(shop.client, "POST", path, new)["revenueScheduleNumber"]
    schedule = f"/v1/revenue-schedules/{number}"

    across = f"{schedule}/distribute-revenue-across-accounting-periods"
    parts = [
        {"accountingPeriodName": "Jan'26", "newAmount": "100"},
        {"accountingPeriodName": "Open-Ended", "newAmount": "200"},
    ]
    made = raw(shop.client, "PUT", across, {"revenueDistributions": parts})
    assert made["revenueEventNumber"].startswith("RE-")
    assert raw(shop.client, "PUT", across, {"revenueDistributions": parts}) == {"success": True}
    half = {"distributionType": "specific date (delta percent undistributed)", "percentage": 50}
    on_date = f"{schedule}/distribute-revenue-on-specific-date"
    raw(shop.client, "PUT", on_date, {"distributeOn": "2026-02-10", **half})
    raw(shop.client, "PUT", f"{schedule}/basic-information", {"notes": "n", "Deal__c": "d"})

    found = raw(shop.client, "GET", schedule)
    assert [item["amount"] for item in found["revenueItems"]] == [100, 100, 100]
    assert (found["notes"], found["Deal__c"]) == ("n", "d")
    of_charge = f"/v1/charge-revenue-summaries/subscription-charges/{charge}"
    assert raw(shop.client, "GET", of_charge)["amount"] == 300
    assert raw(shop.client, "DELETE", schedule) == {"success": True}
    assert raw(shop.client, "GET", path)["revenueSchedules"] == []


def test_step_18_closing_january_recognizes_what_was_drawn(shop: Shop) -> None:
    shop.use(61234, 10)
    periods = zuora_sdk.AccountingPeriodsApi(shop.client)
    january, february = shop.periods["Jan'26"], shop.periods["Feb'26"]
    fund_schedule = "/v1/revenue-schedules/RS-00000001"

    assert periods.run_trial_balance(january).success
    assert periods.pending_close_accounting_period(january).success
    assert periods.get_accounting_period(january).status == "PendingClose"
    assert periods.close_accounting_period(january).success
    with pytest.raises(zuora_sdk.ApiException) as refusal:
        periods.close_accounting_period(january)
    assert json.loads(refusal.value.body)["success"] is False

    closed = raw(shop.client, "GET", fund_schedule)
    assert (closed["amount"], closed["recognizedRevenue"]) == (1000, 612.34)
    assert closed["undistributedUnrecognizedRevenue"] == 387.66
    shop.use(50000, 11)
    assert periods.close_accounting_period(february).success
    late = raw(shop.client, "GET", fund_schedule)
    assert [
        (item["accountingPeriodName"], item["amount"])
        for item in late["revenueItems"]
        if item["amount"]
    ] == [("Jan'26", 612.34), ("Feb'26", 387.66)]
    assert periods.reopen_accounting_period(february).success
    assert raw(shop.client, "GET", fund_schedule)["recognizedRevenue"] == 612.34
