"""`earned permissions` says and changes what OAuth clients may do."""

from earned.cli.exits import Exit
from tests import builders
from tests.api import CLIENT_ID, Api
from tests.cli.conftest import Earned, answered, complaint, done

EVERYTHING = {
    "manageCloseProcess": True,
    "deleteCustomRevenueSchedule": True,
    "depleteFunds": True,
    "overrideTransferredToAccounting": True,
}


def test_a_client_may_do_everything(earned: Earned) -> None:
    made = answered(earned("init", "--json"))

    listed = answered(earned("permissions", "--json"))

    assert listed["clients"] == [
        {"clientId": made["clientId"], "name": "default", "permissions": EVERYTHING}
    ]
    assert "manageCloseProcess" in done(earned("permissions"))


def test_a_permission_is_withheld_and_given_back(earned: Earned) -> None:
    client_id = answered(earned("init", "--json"))["clientId"]

    for value in (False, True):
        change = f"manageCloseProcess={str(value).lower()}"
        (client,) = answered(earned("permissions", client_id, change, "--json"))["clients"]
        assert client["permissions"] == {**EVERYTHING, "manageCloseProcess": value}
        (kept,) = answered(earned("permissions", "--json"))["clients"]
        assert kept == client


def test_what_is_done_to_a_client_is_in_the_log_of_each_of_its_entities(
    earned_here: Earned, api: Api
) -> None:
    done(earned_here("permissions", CLIENT_ID, "manageCloseProcess=false"))
    done(earned_here("init", "--client-id", CLIENT_ID, "--rotate"))

    with builders.writing(api) as books:
        told = books.audit.list(object_type="OAuthClient", order_by=["sequence"])
    assert [(entry.action, entry.object_id, entry.detail) for entry in told] == [
        ("changed permissions", CLIENT_ID, {"was": [], "withheld": ["manageCloseProcess"]}),
        ("rotated the secret", CLIENT_ID, {}),
    ]


def test_a_client_that_is_not_there_is_not_found(earned: Earned) -> None:
    done(earned("init"))

    refused = complaint(earned("permissions", "somebody"), Exit.NOT_FOUND)

    assert refused == "There is no client 'somebody'.\n"


def test_a_permission_that_is_not_there_is_wrong_usage(earned: Earned) -> None:
    for change in ("manageClose=true", "manageCloseProcess=no", "manageCloseProcess"):
        refused = complaint(earned("permissions", "somebody", change), Exit.USAGE)

        assert "permissions are manageCloseProcess" in refused


def test_a_client_without_the_permission_does_not_close(earned_here: Earned, api: Api) -> None:
    january = {"name": "Jan", "startDate": "2026-01-01", "endDate": "2026-01-31"}
    period = api.made("/v1/accounting-periods", {**january, "fiscalYear": 2026})["id"]
    done(earned_here("permissions", CLIENT_ID, "manageCloseProcess=false"))
    api.clock.now = api.clock.now.replace(minute=2)  # The server trusts a token for a minute.

    for action in ("pending-close", "close", "reopen"):
        refused = api.put(f"/v1/accounting-periods/{period}/{action}")
        assert refused.status_code == 403
        assert refused.json()["reasons"] == [
            {"code": 50000010, "message": "You need the permission Manage Close Process."}
        ]
    assert api.put(f"/v1/accounting-periods/{period}/run-trial-balance").status_code == 200
