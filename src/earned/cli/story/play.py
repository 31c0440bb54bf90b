"""The story itself: what happens, in its order, each step a request anybody could send."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic

from earned.cli.exits import Exit
from earned.cli.failures import CommandFailed
from earned.cli.story.books import REFERENCE
from earned.cli.story.catalog import (
    CODES,
    PLANS,
    PREPAID,
    PROJECT,
    TOKENS_USED,
    UNITS,
    make_catalog,
)
from earned.cli.story.customers import (
    CUSTOMERS,
    HARBOR,
    NIMBUS,
    Customer,
    charges_of,
    open_account,
    sell,
    top_up,
)
from earned.cli.story.months import OVER, PERIODS, Months
from earned.cli.story.usage import USAGE, Charges, record, send_usage
from earned.cli.story.wire import Json, Wire

REGENERATE = "/v1/uno-regenerate/rev-rec-events/daily-consumption"
SCHEDULES = "/v1/revenue-schedules/subscription-charges"
JOURNAL_RUNS = "/v1/journal-runs"

LATE_TOKENS = 42_000
CLOSED_BEFORE_LATE, CLOSED_AFTER_LATE = (0, 1), 2

_WITH_UNIQUE_KEY = {"X_Zuora_WSDL_Version": "114"}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story is told: the API, the months, and who listens."""

    wire: Wire
    months: Months
    say: Callable[[str, str], None]
    sent: Callable[[], None]


def play(stage: Stage) -> None:
    """Tell the story from its beginning, or from where it was interrupted."""
    for customer in CUSTOMERS:
        open_account(stage.wire, customer, stage.months)
    _set_up(stage)
    charges = {customer.number: charges_of(stage.wire, customer) for customer in CUSTOMERS}
    _use(stage, charges)
    _correct(stage, charges)
    _close(stage, charges)
    _post(stage)
    _regenerate(stage, charges[NIMBUS.number])
    _schedule(stage, charges[NIMBUS.number])


def _set_up(stage: Stage) -> None:
    wire, months = stage.wire, stage.months
    plans = make_catalog(wire, months)
    for month in range(PERIODS):
        wire.post("/v1/accounting-periods", months.period(month))
    stage.say(
        "catalog",
        f"{len(UNITS)} units, {len(CODES)} accounting codes, {len(plans)} rate plans with "
        f"{sum(len(plan.charges) for plan in PLANS)} charges, {PERIODS} accounting periods",
    )
    for customer in CUSTOMERS:
        sell(wire, customer, months, plans)
    top_up(wire, HARBOR, months, plans)
    currencies = ", ".join(customer.currency for customer in CUSTOMERS)
    funds = sum(1 for _ in wire.query("prepaid-balance-funds"))
    stage.say("customers", f"{len(CUSTOMERS)} accounts ({currencies}), {funds} prepaid funds")


def _use(stage: Stage, charges: Charges) -> None:
    began = monotonic()
    count = send_usage(stage.wire, stage.months, charges, stage.sent)
    seconds = monotonic() - began
    stage.say("usage", f"{count:,} records in {seconds:.1f} s, each a request, drawn down at once")


def _correct(stage: Stage, charges: Charges) -> None:
    """Change a record by its UniqueKey, and take back what was never used."""
    tokens = charges[NIMBUS.number][TOKENS_USED]["number"]
    first, second = (
        _send(stage, NIMBUS, (3, 5, "21:00"), quantity, tokens, UniqueKey="nimbus-batch-17")
        for quantity in (12_000, 10_500)
    )
    if first != second:
        message = f"A UniqueKey made two records, {first} and {second}."
        raise CommandFailed(Exit.INTERNAL, message)
    _send(
        stage,
        HARBOR,
        (5, 14, "22:00"),
        -5_000,
        charges[HARBOR.number][TOKENS_USED]["number"],
        Description="Test traffic, not used",
    )
    stage.say("corrected", "12,000 tokens to 10,500 by their UniqueKey; 5,000 taken back")


def _close(stage: Stage, charges: Charges) -> None:
    """Close the first months; what comes late for one of them is revenue of the next open one."""
    months = stage.months
    for month in CLOSED_BEFORE_LATE:
        _close_month(stage, month)
    tokens = charges[NIMBUS.number][TOKENS_USED]["number"]
    late = {"Description": "Came after the close"}
    _send(stage, NIMBUS, (0, 20, "23:00"), LATE_TOKENS, tokens, **late)
    _close_month(stage, CLOSED_AFTER_LATE)
    stage.say(
        "closed",
        f"{months.name(0)}, {months.name(1)}, {months.name(CLOSED_AFTER_LATE)}; "
        f"{LATE_TOKENS:,} tokens of {months.name(0)} came after its close: "
        f"revenue of {months.name(CLOSED_AFTER_LATE)}",
    )


def _post(stage: Stage) -> None:
    """Post the revenue of the closed months: a journal run for each."""
    numbers = [
        stage.wire.post(JOURNAL_RUNS, journal_run(stage.months, month))["journalRunNumber"]
        for month in (*CLOSED_BEFORE_LATE, CLOSED_AFTER_LATE)
    ]
    stage.say("posted", f"the revenue of the closed months, with {', '.join(numbers)}")


def _regenerate(stage: Stage, charges: Mapping[str, Json]) -> None:
    """Rebuild daily consumption from the ledger, with the seed's own body."""
    stage.wire.post(REGENERATE, regeneration(charges[PREPAID]["originalChargeId"]))
    stage.say("regenerated", f"the daily consumption of {NIMBUS.name}, from the ledger")


def _schedule(stage: Stage, charges: Mapping[str, Json]) -> None:
    """Spread a project over two open months by hand, with the seed's own body."""
    months = (stage.months.name(OVER), stage.months.name(OVER + 1))
    body = schedule(stage.months.start(OVER).isoformat(), months, REFERENCE)
    made = stage.wire.post(f"{SCHEDULES}/{charges[PROJECT]['id']}", body)
    number = made["revenueScheduleNumber"]
    stage.say("scheduled", f"{number}: 300 of {NIMBUS.name}'s project, in {' and '.join(months)}")


def journal_run(months: Months, month: int) -> Json:
    """Return the body of a request to post the revenue of a month."""
    return {
        "accountingPeriodName": months.name(month),
        "journalEntryDate": months.period(month)["endDate"],
        "transactionTypes": [{"type": "Revenue Event Item"}],
    }


def regeneration(original_charge_id: str) -> Json:
    """Return the body of the seed's request to regenerate daily consumption."""
    return {"originalChargeId": original_charge_id, "chargeSegmentNumber": "1"}


def schedule(day: str, periods: tuple[str, ...], reference: str) -> Json:
    """Return the body of the seed's request for a revenue schedule, over two periods or none."""
    amounts = zip(periods, ("100", "200"), strict=bool(periods))
    body: Json = {
        "amount": "300",
        "deferredRevenueAccountingCode": "Deferred Revenue",
        "deferredRevenueAccountingCodeType": "Deferred Revenue",
        "overrideChargeAccountingCodes": "true",
        "recognizedRevenueAccountingCode": "Subscription Revenue",
        "recognizedRevenueAccountingCodeType": "Sales Revenue",
        "referenceId": reference,
        "revenueDistributions": [
            {"accountingPeriodName": name, "newAmount": amount} for name, amount in amounts
        ],
        "revenueEvent": {
            "eventType": "Revenue Distributed",
            "eventTypeSystemId": "1111111",
            "notes": "Manually distribute revenue by usage",
        },
        "revenueScheduleDate": day,
    }
    return body


def _send(
    stage: Stage,
    customer: Customer,
    at: tuple[int, int, str],
    quantity: int,
    charge: str,
    **more: object,
) -> str:
    """Send one record of a month, day and time; return its id."""
    month, day, time = at
    moment = f"{stage.months.day(month, day)}T{time}:00Z"
    body = record(customer, moment, Decimal(quantity), charge, **more)
    identity: str = stage.wire.post(USAGE, body, **_WITH_UNIQUE_KEY)["Id"]
    return identity


def _close_month(stage: Stage, month: int) -> None:
    """Close a month's period, unless it was closed before an interruption."""
    name = stage.months.name(month)
    periods = stage.wire.get("/v1/accounting-periods")["accountingPeriods"]
    period = next(period for period in periods if period["name"] == name)
    if period["status"] != "Closed":
        stage.wire.put(f"/v1/accounting-periods/{period['id']}/close")
