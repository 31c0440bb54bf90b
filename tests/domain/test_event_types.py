"""Which types of revenue events a request may name, and how."""

from datetime import UTC, datetime
from typing import Any

import pytest

from earned.domain.errors import Invalid, Missing
from earned.domain.event_types import RevenueEventType, read_event_type, read_new_event_type
from earned.domain.scheduling import BUILT_IN, REVENUE_DISTRIBUTED, DistributionType

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def own(label: str, system_id: str, **changes: Any) -> RevenueEventType:
    return RevenueEventType(
        id=system_id,
        entity_id="books",
        label=label,
        system_id=system_id,
        created_by="tests",
        created_at=NOW,
        updated_by="tests",
        updated_at=NOW,
        **changes,
    )


OWN = [
    own("Gift redeemed", "GiftRedeemed"),
    own("Milestone", "Milestone1"),
    own("Milestone", "Milestone2"),
    own("Given up", "GivenUp", active=False),
    own("Revenue Distributed", "Ours"),
    own("Bonus", "Bonus1"),
    own("Bonus", "Bonus2", active=False),
]


def named(**fields: object) -> DistributionType:
    return read_event_type(fields, OWN)


def test_without_a_type_revenue_is_distributed() -> None:
    assert named() == named(eventType=None, eventTypeSystemId=" ") == REVENUE_DISTRIBUTED
    assert read_new_event_type(None, OWN) == REVENUE_DISTRIBUTED


@pytest.mark.parametrize(("system_id", "label"), BUILT_IN.items())
def test_built_in_types(system_id: str, label: str) -> None:
    expected = DistributionType(label, system_id)
    assert named(eventType=label, eventTypeSystemId=system_id) == expected
    assert named(eventTypeSystemId=system_id) == expected
    assert read_event_type({"eventType": label}, ()) == expected


def test_types_of_ones_own() -> None:
    expected = DistributionType("Gift redeemed", "GiftRedeemed")
    pair = {"eventType": "Gift redeemed", "eventTypeSystemId": "GiftRedeemed"}
    assert read_new_event_type(pair, OWN) == named(**pair) == expected
    assert named(eventTypeSystemId="GiftRedeemed") == expected
    assert named(eventType="Gift redeemed") == expected
    assert named(eventType="Bonus") == DistributionType("Bonus", "Bonus1")
    assert named(eventTypeSystemId="Milestone2") == DistributionType("Milestone", "Milestone2")


def test_a_client_may_have_its_own_id_of_a_built_in_type() -> None:
    sample = {"eventType": "Revenue Distributed", "eventTypeSystemId": "1111111"}
    expected = DistributionType("Revenue Distributed", "1111111")
    assert read_new_event_type(sample, OWN) == expected


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"eventTypeSystemId": "1111111"}, "Cannot find revenue event type '1111111'."),
        ({"eventType": "Mine"}, "Cannot find revenue event type 'Mine'."),
        (
            {"eventType": "Mine", "eventTypeSystemId": "Mine__z"},
            "Cannot find revenue event type 'Mine__z'.",
        ),
        (
            {"eventType": "Revenue Distributed", "eventTypeSystemId": "Mine__z"},
            "Cannot find revenue event type 'Mine__z'.",
        ),
        (
            {"eventType": "Usage Collected", "eventTypeSystemId": "UsageCollected__z"},
            "Cannot find revenue event type 'UsageCollected__z'.",
        ),
        (
            {"eventType": "Mine", "eventTypeSystemId": "RevenueDistributed__z"},
            "'eventTypeSystemId' value is invalid",
        ),
        (
            {"eventType": "Milestone", "eventTypeSystemId": "GiftRedeemed"},
            "'eventTypeSystemId' value is invalid",
        ),
        ({"eventTypeSystemId": "GivenUp"}, "Revenue event type 'GivenUp' is not active."),
        ({"eventType": "Given up"}, "Revenue event type 'GivenUp' is not active."),
        ({"eventType": 1}, "'eventType' value is invalid"),
        ({"eventType": "x" * 51}, "'eventType' value should be at most 50 characters"),
        (
            {"eventTypeSystemId": "x" * 51},
            "'eventTypeSystemId' value should be at most 50 characters",
        ),
    ],
)
def test_types_that_cannot_be_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(Invalid) as refusal:
        named(**fields)
    assert str(refusal.value) == message


@pytest.mark.parametrize("label", ["Milestone", "Revenue Distributed"])
def test_a_label_that_several_types_have_does_not_name_one(label: str) -> None:
    with pytest.raises(Missing, match=f"several revenue event types are called '{label}'"):
        named(eventType=label)


@pytest.mark.parametrize("value", [[], "Milestone"])
def test_a_new_schedule_names_its_type_in_an_object(value: object) -> None:
    with pytest.raises(Invalid, match="'revenueEvent' value is invalid"):
        read_new_event_type(value, OWN)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "eventType"),
        ({"eventType": "Gift redeemed"}, "eventTypeSystemId"),
        ({"eventType": "Gift redeemed", "eventTypeSystemId": " "}, "eventTypeSystemId"),
        ({"eventTypeSystemId": "GiftRedeemed"}, "eventType"),
    ],
)
def test_a_new_schedule_names_its_type_by_both(value: object, field: str) -> None:
    with pytest.raises(Missing, match=f"'revenueEvent.{field}' may not be null"):
        read_new_event_type(value, OWN)
