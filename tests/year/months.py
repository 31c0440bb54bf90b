"""Months of the year as the reckoner counts them: January 2026 is 0, its first day 1."""

import calendar
from datetime import date, timedelta

YEAR = 2026
NEW_YEAR = date(YEAR, 1, 1)
OPEN_ENDED = 999
"""The month after all others."""


def month_of(day: date) -> int:
    return (day.year - YEAR) * 12 + day.month - 1


def first_day(month: int) -> date:
    return date(YEAR + month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    return first_day(month + 1) - timedelta(1)


def length(month: int) -> int:
    return last_day(month).day


def period_name(month: int) -> str:
    """Return the name of the accounting period: `Jan'2026`."""
    if month == OPEN_ENDED:
        return "Open-Ended"
    day = first_day(month)
    return f"{calendar.month_abbr[day.month]}'{day.year}"


def number_of(day: date) -> int:
    return (day - NEW_YEAR).days + 1


def day_of(number: int) -> date:
    return NEW_YEAR + timedelta(number - 1)


def later(day: date, months: int) -> date:
    """Return the same day so many months later; no contract begins after the 28th."""
    assert day.day <= 28
    return first_day(month_of(day) + months).replace(day=day.day)
