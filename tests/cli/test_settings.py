"""`earned settings` lists and changes what an entity has decided."""

from earned.cli.exits import Exit
from tests import builders
from tests.api import Api
from tests.cli.conftest import Earned, answered, complaint, done

DEFAULTS = {
    "timeZone": "UTC",
    "prepaidWithDrawdown": True,
    "negativeUsage": True,
    "autoExpireFunds": False,
    "expiryGraceDays": 0,
    "uniqueKey": "upsert",
    "includeUsageFromChildAccounts": False,
    "rateUsageIndividually": False,
    "billPeriodsWithoutUsage": False,
    "creditUnbilledPeriods": False,
    "limitUsageFiles": True,
    "keepUsageFiles": "small",
    "dateFormat": "MM/DD/YYYY",
    "openEndedPlug": False,
    "allowBlankAccountingCodes": True,
    "allowCreationInClosedPeriod": True,
    "allowUsageInClosedPeriod": True,
    "allowRevenueScheduleNegativeAmounts": False,
    "multipleArAccountingCodes": False,
    "reviewJournalEntries": False,
    "monthlyRecognition": False,
    "defaultZuoraVersion": "186.0",
}


def test_settings_lists_what_is_decided(earned: Earned) -> None:
    done(earned("init"))

    assert answered(earned("settings", "--json"))["settings"] == DEFAULTS


def test_settings_lists_for_people_what_may_be(earned: Earned) -> None:
    done(earned("init"))

    text = done(earned("settings"))

    assert all(name in text for name in DEFAULTS)
    assert "upsert or strict" in text


def test_settings_changes_several_at_once(earned: Earned) -> None:
    done(earned("init"))

    done(earned("settings", "timeZone=Europe/Berlin", "uniqueKey=strict", "negativeUsage=false"))

    changed = {"timeZone": "Europe/Berlin", "uniqueKey": "strict", "negativeUsage": False}
    assert answered(earned("settings", "--json"))["settings"] == {**DEFAULTS, **changed}


def test_a_change_is_in_the_audit_log(earned_here: Earned, api: Api) -> None:
    done(earned_here("settings", "uniqueKey=strict", "negativeUsage=true", "timeZone=Asia/Tokyo"))
    done(earned_here("settings", "uniqueKey=strict"))

    with builders.writing(api) as books:
        (entry,) = books.audit.list(object_type="Settings")
    assert (entry.action, entry.actor, entry.object_id) == ("changed", "setup", entry.entity_id)
    assert entry.detail == {
        "is": {"timeZone": "Asia/Tokyo", "uniqueKey": "strict"},
        "was": {"timeZone": "UTC", "uniqueKey": "upsert"},
    }


def test_one_wrong_setting_changes_none(earned: Earned) -> None:
    done(earned("init"))

    refused = complaint(
        earned("settings", "uniqueKey=strict", "timezone=UTC", "openEndedPlug=yes"), Exit.REFUSED
    )

    assert "There is no setting 'timezone'. Did you mean timeZone?" in refused
    assert "'openEndedPlug' should be true or false, not 'yes'." in refused
    assert answered(earned("settings", "--json"))["settings"] == DEFAULTS


def test_a_change_without_a_value_is_wrong_usage(earned: Earned) -> None:
    assert "should be NAME=VALUE" in complaint(earned("settings", "timeZone"), Exit.USAGE)


def test_an_entity_that_is_not_there_is_not_found(earned: Earned) -> None:
    done(earned("init"))

    refused = earned("settings", "--entity", "f" * 32, "--json")

    answer = answered(refused, Exit.NOT_FOUND)
    assert answer["success"] is False
    assert answer["reasons"] == [{"message": f"There is no entity '{'f' * 32}'."}]


def test_a_running_server_sees_a_change_at_once(earned_here: Earned, api: Api) -> None:
    done(earned_here("settings", "negativeUsage=false"))

    record = {"AccountNumber": "A-1", "UOM": "x", "Quantity": -1, "StartDateTime": "2026-01-01"}
    refused = api.post("/v1/object/usage", record)

    assert refused.json()["Errors"][0]["Message"] == "The QTY cannot be less than 0"
