"""Uploaded files: the one file of a form, its other fields, what makes two uploads the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath
from typing import BinaryIO, cast

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from earned.domain.errors import Invalid, Kind, Malformed, Missing, Problem
from earned.http.body import BODY_BYTES_MAX
from earned.http.refusal import WireError

FILE_FIELD = "file"
FORM = "multipart/form-data"
_UNSUPPORTED_MEDIA_TYPE = 415
_PARTS_MAX = 20
_BLOCK = 256 * 1024
# A body that was in memory stays there.
_SPOOLED = {"MAX_MEMORY_FILE_SIZE": BODY_BYTES_MAX}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, and the other fields of its form."""

    name: str
    content: BinaryIO
    fields: Mapping[str, str]


def read_upload(body: bytes | BinaryIO, headers: Mapping[str, str]) -> Upload:
    """Return the one file in a form. Raises a refusal."""
    boundary = _boundary(headers)
    parts: list[File | Field] = []

    def take(part: File | Field) -> None:
        parts.append(part)
        if len(parts) > _PARTS_MAX:
            raise Malformed(f"Malformed request: the form has more than {_PARTS_MAX} parts.")

    raw = BytesIO(body) if isinstance(body, bytes) else body
    raw.seek(0)
    try:
        form = FormParser(FORM, take, take, boundary=boundary, config=_SPOOLED)
        while block := raw.read(_BLOCK):
            form.write(block)
        form.finalize()
    except (FormParserError, ValueError) as error:
        raise Malformed(f"Malformed request: {error}") from None
    files = [part for part in parts if isinstance(part, File)]
    fields = [part for part in parts if isinstance(part, Field)]
    sent = [file for file in files if (file.field_name or b"").lower() == FILE_FIELD.encode()]
    if not sent:
        raise Missing(f"'{FILE_FIELD}' may not be empty: send a file", field=FILE_FIELD)
    if len(files) > 1:
        raise Invalid("One file can be uploaded at a time", field=FILE_FIELD)
    return _upload(sent[0], fields)


def without_boundary(body: bytes | BinaryIO, headers: Mapping[str, str]) -> bytes:
    """Return what of a form is the same when it is sent again: boundaries are made by chance.

    Of one that is a file, a hash of its parts.
    """
    if not isinstance(body, bytes):
        return _digest(read_upload(body, headers))
    boundary = _options(headers)[1].get(b"boundary")
    return body.replace(boundary, b"") if boundary else body


def _digest(upload: Upload) -> bytes:
    digest = sha256(repr((upload.name, sorted(upload.fields.items()))).encode())
    upload.content.seek(0)
    while block := upload.content.read(_BLOCK):
        digest.update(block)
    upload.content.close()
    return digest.digest()


def _boundary(headers: Mapping[str, str]) -> bytes:
    media, options = _options(headers)
    if media.decode("latin-1").lower() != FORM:
        message = f"Content-Type '{media.decode('latin-1')}' is not supported; use {FORM}."
        raise WireError(Problem(Kind.UNSUPPORTED, message), status=_UNSUPPORTED_MEDIA_TYPE)
    if not options.get(b"boundary"):
        raise Malformed("Malformed request: the form has no boundary.")
    return options[b"boundary"]


def _options(headers: Mapping[str, str]) -> tuple[bytes, dict[bytes, bytes]]:
    return parse_options_header(headers.get("content-type", ""))


def _upload(file: File, fields: Sequence[Field]) -> Upload:
    name = _text(file.file_name)
    name = PurePath(name.replace("\\", "/")).name
    if not name or "\0" in name:
        raise Invalid("The file should have a name", field=FILE_FIELD)
    named = {_text(field.field_name): _text(field.value) for field in fields}
    return Upload(name, cast(BinaryIO, file.file_object), named)


def _text(sent: bytes | None) -> str:
    try:
        return (sent or b"").decode()
    except UnicodeDecodeError:
        raise Malformed("Malformed request: the form is not in UTF-8.") from None
