"""Accounting periods closed by one server, and reopened by another whose clock is behind."""

from collections import Counter
from datetime import timedelta

from earned.services.audit_books import audit_books
from tests import builders
from tests.api import keeping
from tests.periods import close, define_months, reopen


def test_a_period_has_the_status_it_was_given_last_whatever_clocks_say(
    founded_database_url: str,
) -> None:
    with keeping(founded_database_url) as ahead:
        ahead.clock.now += timedelta(hours=1)
        with builders.writing(ahead) as books:
            define_months(books, 2026, 1)
            close(books, "Jan'2026")
    with keeping(founded_database_url) as behind, builders.writing(behind) as books:
        reopen(books, "Jan'2026")

        assert list(audit_books(books, Counter())) == []
