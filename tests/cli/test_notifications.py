"""`earned notifications` lists what was sent and sends it again."""

from datetime import timedelta
from decimal import Decimal

from earned.cli.exits import Exit
from earned.domain.notifying import WAITS, Mode
from earned.services.define_threshold import DefineThreshold, define_threshold
from earned.services.record_usage import RecordUsage, record_usage
from earned.storage.outbox import Attempt, claim_due, report
from tests import builders
from tests.api import Api
from tests.cli.conftest import Earned, answered, complaint, done


def cross(api: Api) -> None:
    """Have a threshold crossed that nobody is told of."""
    with builders.writing(api) as books:
        plan = builders.prepaid_plan(books, units=10, price=10)
        builders.sell(books, builders.account(books, number="A-1"), plan, months=1)
        threshold = DefineThreshold(
            name="Low",
            mode=Mode.UNITS,
            value=Decimal(5),
            url="http://10.0.0.1/",
            secret="a-secret-between-us",
            active=True,
        )
        define_threshold(books, threshold)
    with builders.writing(api) as books:
        fields = {"AccountNumber": "A-1", "UOM": "Token", "StartDateTime": "2026-01-10"}
        record_usage(books, [RecordUsage(fields={**fields, "Quantity": 9})])


def give_up(api: Api) -> None:
    database = api.application.database
    now = database.now()
    for _ in range(len(WAITS) + 1):
        now += timedelta(days=1)
        for claimed in claim_due(database.engine, now, 8):
            report(database.engine, claimed, Attempt(error="nobody there"), now)


def test_notifications_are_listed_and_sent_again(earned_here: Earned, api: Api) -> None:
    assert done(earned_here("notifications", "list")) == "No notifications.\n"
    cross(api)
    give_up(api)

    (failed,) = answered(earned_here("notifications", "list", "--json"))["deliveries"]
    assert (failed["state"], failed["lastError"]) == ("Failed", "nobody there")
    assert failed["remainingBalance"] == 1
    assert failed["id"] in done(earned_here("notifications", "list", "--state", "failed"))
    assert done(earned_here("notifications", "list", "--state", "Pending")).startswith("No")

    assert answered(earned_here("notifications", "resend", failed["id"], "--json")) == {
        "success": True,
        "id": failed["id"],
    }
    again = earned_here("notifications", "resend", failed["id"])
    assert "it is on its way" in complaint(again, Exit.REFUSED)
