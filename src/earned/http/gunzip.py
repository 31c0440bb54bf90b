"""Gzip, unfolded piece by piece."""

import zlib
from collections.abc import Iterator

from earned.domain.errors import Malformed

PIECE_BYTES = 1024 * 1024
_GZIP_WINDOW = 31


class Gunzip:
    """Unfolds what comes in pieces, member after member; a piece is a megabyte at most."""

    def __init__(self) -> None:
        """Begin at the beginning."""
        self._member = zlib.decompressobj(wbits=_GZIP_WINDOW)
        self._is_begun = False

    def unfold(self, piece: bytes) -> Iterator[bytes]:
        """Yield what a piece unfolds to. Raises `Malformed`."""
        while piece:
            self._is_begun = True
            try:
                yield self._member.decompress(piece, PIECE_BYTES)
            except zlib.error:
                raise Malformed("Malformed request: the body is not valid gzip.") from None
            piece = self._member.unused_data or self._member.unconsumed_tail
            if self._member.eof:
                self._member = zlib.decompressobj(wbits=_GZIP_WINDOW)
                self._is_begun = False

    def end(self) -> None:
        """Say that no piece follows. Raises `Malformed` within a member."""
        if self._is_begun:
            raise Malformed("Malformed request: the gzip body is incomplete.")
