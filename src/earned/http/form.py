"""Forms with a file, taken piece by piece as they come.

A file beyond a megabyte is on disk while its request lasts, and everything is digested on the way:
a server's memory does not grow with what is sent to it.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import md5, sha256
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from earned.domain.errors import EarnedError, Invalid, Kind, Malformed, Missing, Problem
from earned.http.refusal import WireError
from earned.http.upload import FILE_FIELD, PART_BYTES, Upload

FORM = "multipart/form-data"
_UNSUPPORTED_MEDIA_TYPE = 415
_PARTS_MAX = 20
_FIELD_BYTES_MAX = 64 * 1024
_DISPOSITION = b"content-disposition"


@dataclass(slots=True)
class _Part:
    """A part of a form: a file if it has the name of one, else a field."""

    name: bytes
    file_name: bytes | None
    content: IO[bytes]
    size: int = 0
    md5: Any = field(default_factory=lambda: md5(usedforsecurity=False))
    sha256: Any = field(default_factory=sha256)

    def grow(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.file_name is None and self.size > _FIELD_BYTES_MAX:
            message = f"a field is larger than {_FIELD_BYTES_MAX} bytes."
            raise Malformed(f"Malformed request: {message}")
        self.content.write(piece)
        self.md5.update(piece)
        self.sha256.update(piece)

    def text(self) -> str:
        self.content.seek(0)
        return _text(self.content.read())


class Form:
    """What came of a form so far. What is wrong with it is told when its file is asked for."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Begin a form of the kind that the headers of its request tell."""
        self._parts: list[_Part] = []
        self._headers: list[list[bytes]] = []
        self._files = ExitStack()
        self._fault: EarnedError | None = None
        self._parser: MultipartParser | None = None
        try:
            self._parser = self._parser_of(_boundary(headers))
        except EarnedError as fault:
            self._fault = fault

    def write(self, piece: bytes) -> None:
        """Take a piece."""
        if self._parser is None or self._fault is not None:
            return
        try:
            self._parser.write(piece)
        except FormParserError as error:
            self._fault = Malformed(f"Malformed request: {error}")
        except EarnedError as fault:
            self._fault = fault

    def upload(self) -> Upload:
        """Return the one file, once all pieces are here. Raises a refusal."""
        if self._fault is not None:
            raise self._fault
        files = [part for part in self._parts if part.file_name is not None]
        sent = [part for part in files if part.name.lower() == FILE_FIELD.encode()]
        if not sent:
            raise Missing(f"'{FILE_FIELD}' may not be empty: send a file", field=FILE_FIELD)
        if len(files) > 1:
            raise Invalid("One file can be uploaded at a time", field=FILE_FIELD)
        (file,) = sent
        fields = {_text(part.name): part.text() for part in self._parts if part is not file}
        return Upload(_file_name(file), file.size, file.md5.hexdigest(), fields, file.content)

    @property
    def identity(self) -> bytes:
        """What is the same whenever a form is sent again: boundaries are made by chance."""
        told = [(part.name, part.file_name, part.sha256.hexdigest()) for part in self._parts]
        return repr((told, str(self._fault or ""))).encode()

    def close(self) -> None:
        """Remove what is on disk."""
        self._files.close()

    def _parser_of(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._headers.clear,
                "on_header_begin": lambda: self._headers.append([b"", b""]),
                "on_header_field": lambda data, start, end: self._grow_header(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._grow_header(1, data[start:end]),
                "on_headers_finished": self._open,
                "on_part_data": lambda data, start, end: self._parts[-1].grow(data[start:end]),
            },
        )

    def _grow_header(self, place: int, piece: bytes) -> None:
        self._headers[-1][place] += piece

    def _open(self) -> None:
        """Begin a part, whose headers are here."""
        if len(self._parts) == _PARTS_MAX:
            raise Malformed(f"Malformed request: the form has more than {_PARTS_MAX} parts.")
        disposition = next((v for n, v in self._headers if n.lower() == _DISPOSITION), b"")
        options = parse_options_header(disposition)[1]
        name, file_name = options.get(b"name"), options.get(b"filename")
        if name is None:
            raise Malformed("Malformed request: a part of the form has no name.")
        most = _FIELD_BYTES_MAX if file_name is None else PART_BYTES
        content = SpooledTemporaryFile(most)  # noqa: SIM115 - `close` closes it.
        self._files.callback(content.close)
        self._parts.append(_Part(name, file_name, content))


def _boundary(headers: Mapping[str, str]) -> bytes:
    media, options = parse_options_header(headers.get("content-type", ""))
    if media.decode("latin-1").lower() != FORM:
        message = f"Content-Type '{media.decode('latin-1')}' is not supported; use {FORM}."
        raise WireError(Problem(Kind.UNSUPPORTED, message), status=_UNSUPPORTED_MEDIA_TYPE)
    if not options.get(b"boundary"):
        raise Malformed("Malformed request: the form has no boundary.")
    return options[b"boundary"]


def _file_name(file: _Part) -> str:
    name = PurePath(_text(file.file_name or b"").replace("\\", "/")).name
    if not name or "\0" in name:
        raise Invalid("The file should have a name", field=FILE_FIELD)
    return name


def _text(sent: bytes) -> str:
    try:
        return sent.decode()
    except UnicodeDecodeError:
        raise Malformed("Malformed request: the form is not in UTF-8.") from None
