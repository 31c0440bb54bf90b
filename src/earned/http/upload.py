"""Uploaded files: what came in a form, however large it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

FILE_FIELD = "file"
PART_BYTES = 1024 * 1024
UPLOAD_BYTES_STATE = "upload_bytes"
"""The name under which connections find how large an upload may be."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, and the other fields of its form."""

    name: str
    size: int
    md5: str
    fields: Mapping[str, str]
    stream: IO[bytes]

    @property
    def is_large(self) -> bool:
        """Whether it has more than one part."""
        return self.size > PART_BYTES

    @property
    def beginning(self) -> bytes:
        """The first part."""
        return next(self.parts(), b"")

    def parts(self) -> Iterator[bytes]:
        """Yield the content in parts of a megabyte, the last one shorter."""
        self.stream.seek(0)
        while part := self.stream.read(PART_BYTES):
            yield part
