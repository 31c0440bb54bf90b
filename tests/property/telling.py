"""Telling random stories with a state machine of Hypothesis, the same ones each time."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


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
