"""Dates of files, in the order of the entity."""

import pytest

from earned.domain.written_dates import to_iso


@pytest.mark.parametrize(
    ("text", "month_first", "day_first"),
    [
        ("01/31/2026", "2026-01-31", "2026-31-01"),
        ("31/01/2026", "2026-31-01", "2026-01-31"),
        ("1/2/2026", "2026-01-02", "2026-02-01"),
        (" 01/02/2026 10:30:05 ", "2026-01-02T10:30:05", "2026-02-01T10:30:05"),
        ("01/02/2026T10:30Z", "2026-01-02T10:30Z", "2026-02-01T10:30Z"),
        ("2026-01-02", "2026-01-02", "2026-01-02"),
        ("01/02/26", "01/02/26", "01/02/26"),
        ("٠١/02/2026", "٠١/02/2026", "٠١/02/2026"),
        ("soon", "soon", "soon"),
    ],
)
def test_a_written_date_becomes_iso(text: str, month_first: str, day_first: str) -> None:
    assert to_iso(text, "MM/DD/YYYY") == month_first
    assert to_iso(text, "DD/MM/YYYY") == day_first
