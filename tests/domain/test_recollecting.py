"""What lost events had been collected for."""

from hypothesis import given
from hypothesis import strategies as st

from earned.domain.recollecting import collected_amounts


def test_what_is_kept_stays() -> None:
    assert collected_amounts([333, 334, 333], [333, 334, 0], 667) == [333, 334, 0]


def test_a_lost_event_was_collected_for_what_the_others_were_not() -> None:
    assert collected_amounts([333, 334, 333], [333, None, 0], 667) == [333, 334, 0]


def test_lost_events_take_from_the_earliest_on() -> None:
    assert collected_amounts([333, 334, 333], [None, None, None], 667) == [333, 334, 0]


def test_rows_that_do_not_add_up_are_all_doubted() -> None:
    assert collected_amounts([333, 334, 333], [5, 334, 0], 667) == [333, 334, 0]


def test_a_part_that_fits_no_event_goes_to_the_last_lost() -> None:
    assert collected_amounts([333, 334, 333], [None, None, 0], 400) == [333, 67, 0]


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.none() | st.integers(-9, 9)), min_size=1),
    st.integers(-50, 50),
)
def test_together_they_are_what_was_moved(rows: list[tuple[int, int | None]], moved: int) -> None:
    amounts, kept = [amount for amount, _ in rows], [minor for _, minor in rows]

    assert sum(collected_amounts(amounts, kept, moved)) == moved
