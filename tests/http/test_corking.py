"""Head and body of an answer leave in one piece, in order, and before the connection ends."""

import asyncio
from typing import Any

from earned.http.corking import CorkedTransport


class Wire(asyncio.Transport):
    """Notes what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[bytes | str] = []

    def write(self, data: Any) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.done.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.done


async def turn() -> None:
    await asyncio.sleep(0)


def test_what_is_written_in_one_turn_leaves_together() -> None:
    async def talk() -> list[bytes | str]:
        wire = Wire()
        corked = CorkedTransport(wire, asyncio.get_running_loop())
        corked.write(b"head ")
        corked.write(b"body")
        assert wire.done == []
        await turn()
        corked.write(b"next")
        await turn()
        return wire.done

    assert asyncio.run(talk()) == [b"head body", b"next"]


def test_what_waits_leaves_before_the_end_and_nothing_after_it() -> None:
    async def talk() -> list[bytes | str]:
        wire = Wire()
        corked = CorkedTransport(wire, asyncio.get_running_loop())
        corked.write(b"last")
        corked.close()
        corked.write(b"late")
        await turn()
        return wire.done

    assert asyncio.run(talk()) == [b"last", "closed"]


def test_the_rest_is_the_transports() -> None:
    async def talk() -> bool:
        return bool(CorkedTransport(Wire(), asyncio.get_running_loop()).is_closing())

    assert asyncio.run(talk()) is False
