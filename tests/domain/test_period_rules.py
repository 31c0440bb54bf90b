"""When accounting periods may be made, moved, closed and reopened (R 5)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earned.domain.accounting import AccountingPeriod, PeriodStatus
from earned.domain.calendar import DAY
from earned.domain.errors import EarnedError, Invalid, RuleBroken
from earned.domain.period_rules import (
    PeriodBounds,
    as_seen_with,
    check_closable,
    check_deletable,
    check_new_period,
    check_pending,
    check_reopenable,
    check_trial_balance,
    moved,
    next_defined,
    start_of_open_ended,
)
from earned.domain.periods import defined, open_ended
from earned.domain.permissions import EVERYTHING
from tests.domain.test_periods import year

Check = Callable[[Sequence[AccountingPeriod], AccountingPeriod], None]

JAN_1, FEB_1, MAR_31 = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 31)
ANY = PeriodBounds()
WHOLE_MONTHS = PeriodBounds(whole_months=True)


def named(periods: list[AccountingPeriod], name: str) -> AccountingPeriod:
    return next(period for period in periods if period.name == name)


def test_open_ended_starts_the_day_after_the_last_period() -> None:
    assert start_of_open_ended(year()) is None
    assert start_of_open_ended(year("Closed", "Open")) == date(2026, 3, 1)


def test_the_first_period_may_start_anywhere_up_to_the_earliest_transaction() -> None:
    check_new_period(year(), JAN_1, MAR_31, ANY)
    check_new_period(year(), JAN_1, MAR_31, PeriodBounds(earliest=JAN_1))
    with pytest.raises(RuleBroken):
        check_new_period(year(), JAN_1 + DAY, MAR_31, PeriodBounds(earliest=JAN_1))


def test_later_periods_care_for_the_gap_only() -> None:
    check_new_period(year("Open"), FEB_1, FEB_1, PeriodBounds(earliest=JAN_1 - DAY))
    with pytest.raises(RuleBroken, match="must be 2026-02-01"):
        check_new_period(year("Open"), FEB_1 + DAY, MAR_31, ANY)


@pytest.mark.parametrize("end", [date(2026, 1, 31), MAR_31, date(2028, 2, 29)])
def test_with_the_monthly_model_periods_are_whole_months(end: date) -> None:
    check_new_period(year(), JAN_1, end, WHOLE_MONTHS)

    with pytest.raises(RuleBroken) as refused:
        check_new_period(year(), JAN_1, end - DAY, WHOLE_MONTHS)
    assert str(refused.value) == (
        "The end date must be the last day of a month with the model Monthly recognition over time."
    )


def test_with_the_monthly_model_periods_start_with_a_month() -> None:
    message = (
        "The start date must be the first day of a month with the model"
        " Monthly recognition over time."
    )
    with pytest.raises(RuleBroken) as refused:
        check_new_period(year(), JAN_1 + DAY, MAR_31, WHOLE_MONTHS)
    assert str(refused.value) == message
    periods = year("Open")
    with pytest.raises(RuleBroken) as refused:
        moved(periods, named(periods, "M1"), JAN_1 - DAY, date(2026, 1, 31), WHOLE_MONTHS)
    assert str(refused.value) == message


def test_there_is_a_day_after_the_last_period() -> None:
    with pytest.raises(Invalid) as refused:
        check_new_period(year(), JAN_1, date.max, ANY)
    assert str(refused.value) == "'endDate' value should be before 9999-12-31"


def balanced(periods: Sequence[AccountingPeriod], period: AccountingPeriod) -> None:
    del periods
    check_trial_balance(period)


@pytest.mark.parametrize("check", [balanced, check_pending, check_closable, check_deletable])
def test_nothing_happens_while_a_trial_balance_runs(check: Check) -> None:
    began = datetime(2026, 2, 1, tzinfo=UTC)
    running = replace(named(year("Open"), "M1"), trial_balance_start=began)

    with pytest.raises(RuleBroken) as refused:
        check([running, open_ended(year())], running)

    assert str(refused.value) == "A trial balance of the accounting period is running."


def test_pending_close_is_closed_to_those_who_do_not_manage_the_close() -> None:
    periods = year("Closed", "PendingClose", "Open")

    assert as_seen_with(EVERYTHING, periods) == periods
    seen = as_seen_with(frozenset(), periods)
    assert [period.status for period in defined(seen)] == ["Closed", "Closed", "Open"]
    assert open_ended(seen) == open_ended(periods)


def test_a_period_takes_days_from_the_next_or_gives_them() -> None:
    periods = year("Open", "Open")

    first, second = moved(periods, named(periods, "M1"), JAN_1, date(2026, 2, 27), ANY)

    assert (first.name, first.end_date) == ("M1", date(2026, 2, 27))
    assert (second.name, second.start_date) == ("M2", date(2026, 2, 28))


def test_the_period_after_the_last_is_none() -> None:
    periods = year("Open", "Open")

    assert next_defined(periods, named(periods, "M2")) is None
    assert next_defined(periods, open_ended(periods)) is None


statuses = st.lists(st.sampled_from(PeriodStatus), min_size=1, max_size=12)


@given(statuses, st.data())
def test_only_where_closed_meets_open_may_a_period_close_reopen_or_go(
    before: list[PeriodStatus], data: st.DataObject
) -> None:
    periods = year(*before)
    period = data.draw(st.sampled_from(defined(periods)))
    earlier = [p for p in defined(periods) if p.end_date < period.start_date]  # type: ignore[operator]

    for check, ready in (
        (check_closable, not period.is_closed),
        (check_pending, period.status is PeriodStatus.OPEN),
    ):
        allowed = ready and all(p.is_closed for p in earlier)
        assert _passes(check, periods, period) is allowed

    after = next_defined(periods, period)
    reopens = period.status is not PeriodStatus.OPEN and (
        after is None or after.status is PeriodStatus.OPEN
    )
    assert _passes(check_reopenable, periods, period) is reopens
    deletes = after is None and period.status is PeriodStatus.OPEN
    assert _passes(check_deletable, periods, period) is deletes


def _passes(check: Check, periods: list[AccountingPeriod], period: AccountingPeriod) -> bool:
    try:
        check(periods, period)
    except EarnedError:
        return False
    return True
