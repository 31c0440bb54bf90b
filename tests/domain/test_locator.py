"""For how long a query can be gone on from (R 8.10)."""

from datetime import UTC, datetime, timedelta

from earned.domain.locator import QueryLocator

NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)


def is_valid(age: timedelta, idle: timedelta) -> bool:
    locator = QueryLocator(
        id="1",
        entity_id="2",
        query="select Id from Usage",
        batch_size=2000,
        created_at=NOON - age,
        used_at=NOON - idle,
    )
    return locator.is_valid(NOON)


def test_a_locator_is_valid_for_a_quarter_of_an_hour_after_each_use() -> None:
    assert is_valid(timedelta(0), timedelta(0))
    assert is_valid(timedelta(hours=1), timedelta(minutes=14, seconds=59))
    assert not is_valid(timedelta(hours=1), timedelta(minutes=15))


def test_a_locator_is_valid_for_five_days_however_often_it_is_used() -> None:
    assert is_valid(timedelta(days=4, hours=23), timedelta(minutes=1))
    assert not is_valid(timedelta(days=5), timedelta(minutes=1))
