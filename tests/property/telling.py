"""Telling random stories with a state machine of Hypothesis, the same ones each time."""

from contextlib import closing
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.property.shop import Shop


class Told(RuleBasedStateMachine):
    """A story of a shop."""

    shop: Shop

    def teardown(self) -> None:
        """End a story: what is in the books is what regenerating makes of them, and an audit.

        An audit costs as much as all that came before it, so there is one. The books are closed
        whatever they are like: the next story begins where there is nothing of this one.
        """
        if hasattr(self, "shop"):
            with closing(self.shop.application):
                before = self.rows()
                self.shop.regenerate()
                assert self.rows() == before
                self.shop.audit()

    def rows(self) -> Any:
        """Return what regenerating makes."""
        return self.shop.rows("daily_consumption", "revenue_event")


def tell(machine: type[RuleBasedStateMachine], stories: int, steps: int = 20) -> None:
    """Tell so many stories of so many steps at most."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=stories,
            stateful_step_count=steps,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            # A story is long to tell again: shrinking one takes minutes, so it is left to people.
            phases=[Phase.generate],
        ),
    )
