"""Store the result of an import, in compressed parts: it is long, and much the same all along."""

import csv
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from earned.services.ports import Books

PART_BYTES = 1024 * 1024
GZIP = 16 + zlib.MAX_WBITS
_FAST = 1


@dataclass(slots=True)
class Lines:
    """Lines of CSV, held as text."""

    text: StringIO = field(default_factory=lambda: StringIO(newline=""))
    writer: Any = None

    def __post_init__(self) -> None:
        """Begin with no lines."""
        self.writer = csv.writer(self.text, lineterminator="\n")

    def add(self, cells: Sequence[object]) -> None:
        """Add a line."""
        self.writer.writerow(cells)

    def take(self) -> bytes:
        """Return the lines so far, and begin anew."""
        taken = self.text.getvalue().encode()
        self.text.seek(0)
        self.text.truncate()
        return taken


def store_result(books: Books, blocks: Iterator[bytes]) -> tuple[str, int]:
    """Store a file as one gzip stream in parts; return its id, and its size before."""
    identity, size, place = books.new_id(), 0, 0
    packer, held = zlib.compressobj(_FAST, wbits=GZIP), bytearray()
    for block in blocks:
        size += len(block)
        held += packer.compress(block)
        while len(held) >= PART_BYTES:
            books.store_part(identity, place, bytes(held[:PART_BYTES]))
            del held[:PART_BYTES]
            place += 1
    books.store_part(identity, place, bytes(held + packer.flush()))
    return identity, size


def unpacked(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a stored file as it was, no more than a part at a time however well it is packed."""
    unpacker = zlib.decompressobj(GZIP)
    for part in parts:
        packed = part
        while packed:
            yield unpacker.decompress(packed, PART_BYTES)
            packed = unpacker.unconsumed_tail
