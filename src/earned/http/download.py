"""Files that are answered part by part, as the client takes them: none is ever whole in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from earned.http.headers import GZIPPED, VARY, takes_gzip
from earned.http.operation import StoredFile
from earned.services.store_result import unpacked
from earned.services.work import Reply

_OK = 200

FetchPart = Callable[[int], bytes | None]
"""Returns a part of a file by its place, None beyond the last."""

Run = Callable[..., Awaitable[bytes | None]]
"""Has a function carried out on another thread."""


@dataclass(frozen=True, slots=True)
class Streamed(Reply):
    """An answer whose body is told piece by piece."""

    pieces: AsyncIterator[bytes]

    def with_headers(self, *more: tuple[str, str]) -> "Streamed":
        """Return the same answer with more headers."""
        return Streamed(self.status, (*self.headers, *more), self.body, self.pieces)


def streamed(file: StoredFile, headers: Mapping[str, str], run: Run, fetch: FetchPart) -> Streamed:
    """Answer a file: as it lies in the books if it is packed and the client can unpack it."""
    described = [("content-type", f"{file.media_type}; charset=utf-8"), _named(file.file_name)]
    pieces = _parts(fetch)
    if file.is_packed:
        described.append(VARY)
    if file.is_packed and takes_gzip(headers):
        described.append(GZIPPED)
    else:
        described.append(("content-length", str(file.size)))
        pieces = unpacked(pieces) if file.is_packed else pieces
    return Streamed(_OK, tuple(described), b"", _elsewhere(run, pieces))


def _parts(fetch: FetchPart) -> Iterator[bytes]:
    place = 0
    while (part := fetch(place)) is not None:
        yield part
        place += 1


async def _elsewhere(run: Run, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await run(next, pieces, None)) is not None:
        yield piece


def _named(name: str) -> tuple[str, str]:
    """Return the header that says what a file is called; names may be in any script."""
    plain = "".join(sign if _is_plain(sign) else "_" for sign in name)
    extended = f"; filename*=UTF-8''{quote(name, safe='')}" if plain != name else ""
    return "content-disposition", f'attachment; filename="{plain}"{extended}'


def _is_plain(sign: str) -> bool:
    return sign.isascii() and sign.isprintable() and sign not in {'"', "\\"}
