"""The limit: a bare ASGI server that parses the same body and stores one row for it.

`group` commits together what waits, in a writer thread; `each` commits each request by itself.
"""

import asyncio
import os
from decimal import Decimal
from queue import SimpleQueue
from threading import Thread
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Column, MetaData, Table, Text, insert

from earned.http.exchange import Receive, Scope, Send
from earned.http.mailbox import Mailbox
from earned.storage.engine import open_engine

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_METADATA = MetaData()
_ROWS = Table("row", _METADATA, Column("id", Text, primary_key=True), Column("body", Text))
_INSERT = insert(_ROWS)


class Bare:
    """The ASGI application."""

    def __init__(self, url: str, *, group: bool) -> None:
        self.engine = open_engine(url)
        _METADATA.create_all(self.engine)
        self.queue: SimpleQueue[tuple[dict[str, str], asyncio.Future[Any]] | None] = SimpleQueue()
        self.group = group

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, after its row is committed."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        message = await receive()
        payload = _decode(message["body"])
        identity = uuid4().hex
        future = self.loop.create_future()
        self.queue.put(({"id": identity, "body": str(payload["Quantity"])}, future))
        await future
        body = b'{"Id":"%s","Success":true}' % identity.encode()
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def live(self, receive: Receive, send: Send) -> None:
        """Start and stop the writer thread."""
        await receive()
        self.loop = asyncio.get_running_loop()
        self.mailbox = Mailbox(self.loop)
        thread = Thread(target=self.write)
        thread.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.queue.put(None)
        thread.join()
        await send({"type": "lifespan.shutdown.complete"})

    def write(self) -> None:
        """Commit rows, together or each by itself, and have their requests answered."""
        connection = self.engine.connect().execution_options(sqlite_begin="IMMEDIATE")
        while item := self.queue.get():
            items = [item]
            while self.group and not self.queue.empty():
                more = self.queue.get()
                if more is None:
                    self.queue.put(None)
                    break
                items.append(more)
            with connection.begin():
                connection.execute(_INSERT, [row for row, _ in items])
            for _, future in items:
                self.mailbox.put(future, None)  # type: ignore[arg-type]
        connection.close()


def grouped() -> Bare:
    """Return the server that commits in groups."""
    return Bare(os.environ["EARNED_DATABASE_URL"], group=True)


def each() -> Bare:
    """Return the server that commits each request."""
    return Bare(os.environ["EARNED_DATABASE_URL"], group=False)
