"""Being told to stop in the middle of work that should end at a good place."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


Heard = Callable[[], None]
"""Called when somebody asks to stop."""


def _silently() -> None:
    """Say nothing."""


class Stop:
    """Whether somebody has asked to stop."""

    def __init__(self, heard: Heard) -> None:
        """Nobody has, yet."""
        self._heard = heard
        self.asked = False

    def __call__(self, number: int, frame: object) -> None:
        """Take a signal; the second one does not wait for a good place."""
        del number, frame
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self._heard()


@contextmanager
def stoppable(heard: Heard = _silently) -> Iterator[Stop]:
    """Note Ctrl-C and SIGTERM while the block runs, instead of ending at once."""
    stop = Stop(heard)
    handlers = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
