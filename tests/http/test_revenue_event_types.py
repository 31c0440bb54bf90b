"""Types of revenue events over the wire: R 2.7."""

from typing import Any

import pytest

from earned.domain.event_types import RevenueEventType
from tests.api import Api
from tests.builders import writing

URL = "/v1/settings/finance/revenue-event-types"
GIFT = {"eventType": "Gift redeemed", "eventTypeSystemId": "GiftRedeemed"}


def refused(api: Api, method: str, path: str, body: Any) -> tuple[int, str]:
    response = api.request(method, path, body)
    assert response.status_code in {400, 404}, response.text
    (reason,) = response.json()["reasons"]
    return reason["code"], reason["message"]


def own(api: Api) -> list[tuple[str, str, bool]]:
    """Return what is defined beside the built-in types."""
    return [
        (one["eventType"], one["eventTypeSystemId"], one["active"])
        for one in api.found(URL)["revenueEventTypes"]
        if not one["builtIn"]
    ]


def test_a_type_is_defined_listed_and_retrieved(api: Api) -> None:
    assert api.made(URL, GIFT) == {"success": True, "eventTypeSystemId": "GiftRedeemed"}
    api.made(URL, {"eventType": "Bonus", "eventTypeSystemId": "Bonus", "active": False})

    assert own(api) == [("Bonus", "Bonus", False), ("Gift redeemed", "GiftRedeemed", True)]
    found = api.found(f"{URL}/GiftRedeemed")
    assert {name: found[name] for name in ("eventType", "active", "builtIn")} == {
        "eventType": "Gift redeemed",
        "active": True,
        "builtIn": False,
    }
    assert found["createdOn"] == "2026-01-15 12:00:00"


def test_built_in_types_come_first_and_do_not_change(api: Api) -> None:
    api.made(URL, GIFT)

    first = api.found(URL)["revenueEventTypes"][0]
    assert first == {
        "eventType": "Revenue Distributed",
        "eventTypeSystemId": "RevenueDistributed__z",
        "active": True,
        "builtIn": True,
    }
    path = f"{URL}/RevenueDistributed__z"
    assert api.found(path) == {**first, "success": True}
    assert refused(api, "PUT", path, {"active": False})[0] == 50000040


def test_labels_may_repeat_and_system_ids_may_not(api: Api) -> None:
    api.made(URL, GIFT)
    api.made(URL, {**GIFT, "eventTypeSystemId": "GiftRedeemed2"})

    message = "The revenue event type 'GiftRedeemed' already exists."
    assert refused(api, "POST", URL, {**GIFT, "eventType": "Other"}) == (50650030, message)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"eventTypeSystemId": "Gift__z"},
            (50650020, "'eventTypeSystemId' value should not end with '__z'"),
        ),
        ({"eventTypeSystemId": None}, (50650022, "'eventTypeSystemId' may not be null")),
        ({"eventType": " "}, (50650020, "'eventType' value is invalid")),
        (
            {"eventType": "x" * 51},
            (50650020, "'eventType' value should be at most 50 characters"),
        ),
        (
            {"eventTypeSystemId": "x" * 51},
            (50650020, "'eventTypeSystemId' value should be at most 50 characters"),
        ),
    ],
)
def test_types_that_cannot_be_are_refused(
    api: Api, change: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refused(api, "POST", URL, {**GIFT, **change}) == expected
    assert own(api) == []


def test_a_type_is_renamed_deactivated_and_activated_again(api: Api) -> None:
    api.made(URL, GIFT)
    path = f"{URL}/GiftRedeemed"

    for change, expected in (
        ({"eventType": "Gift"}, ("Gift", "GiftRedeemed", True)),
        ({"active": False}, ("Gift", "GiftRedeemed", False)),
        ({"active": True}, ("Gift", "GiftRedeemed", True)),
        ({}, ("Gift", "GiftRedeemed", True)),
    ):
        response = api.put(path, change)
        assert response.json() == {"success": True, "eventTypeSystemId": "GiftRedeemed"}
        assert own(api) == [expected]
    message = "Cannot find entity by key: 'Nothing'."
    assert refused(api, "PUT", f"{URL}/Nothing", {}) == (50000040, message)
    assert refused(api, "GET", f"{URL}/Nothing", None) == (50000040, message)


def test_500_types_and_not_one_more(api: Api) -> None:
    with writing(api) as books:
        books.event_types.add_all(
            [
                RevenueEventType(
                    id=books.new_id(),
                    entity_id=books.scope.entity_id,
                    label="Many",
                    system_id=f"Many{number}",
                    **books.stamp(),
                )
                for number in range(499)
            ]
        )

    api.made(URL, GIFT)
    message = "A maximum of 500 revenue event types can be defined."
    assert refused(api, "POST", URL, {**GIFT, "eventTypeSystemId": "More"}) == (50650030, message)
