"""Uploaded files: the one file of a form, its other fields, what makes two uploads the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from earned.domain.errors import Invalid, Kind, Malformed, Missing, Problem
from earned.http.refusal import WireError

FILE_FIELD = "file"
FORM = "multipart/form-data"
_UNSUPPORTED_MEDIA_TYPE = 415
_PARTS_MAX = 20
# Nothing is written to disk: the body is in memory, and limited, already.
_IN_MEMORY = {"MAX_MEMORY_FILE_SIZE": float("inf")}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent, and the other fields of its form."""

    name: str
    content: bytes
    fields: Mapping[str, str]


def read_upload(body: bytes, headers: Mapping[str, str]) -> Upload:
    """Return the one file in a form. Raises a refusal."""
    boundary = _boundary(headers)
    if body.count(b"--" + boundary) > _PARTS_MAX + 1:
        raise Malformed(f"Malformed request: the form has more than {_PARTS_MAX} parts.")
    files: list[File] = []
    fields: list[Field] = []
    try:
        form = FormParser(FORM, fields.append, files.append, boundary=boundary, config=_IN_MEMORY)
        form.write(body)
        form.finalize()
    except (FormParserError, ValueError) as error:
        raise Malformed(f"Malformed request: {error}") from None
    sent = [file for file in files if (file.field_name or b"").lower() == FILE_FIELD.encode()]
    if not sent:
        raise Missing(f"'{FILE_FIELD}' may not be empty: send a file", field=FILE_FIELD)
    if len(files) > 1:
        raise Invalid("One file can be uploaded at a time", field=FILE_FIELD)
    return _upload(sent[0], fields)


def without_boundary(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return what of a form is the same when it is sent again: boundaries are made by chance."""
    boundary = _options(headers)[1].get(b"boundary")
    return body.replace(boundary, b"") if boundary else body


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
    stream = file.file_object
    stream.seek(0)
    named = {_text(field.field_name): _text(field.value) for field in fields}
    return Upload(name, stream.read(), named)


def _text(sent: bytes | None) -> str:
    try:
        return (sent or b"").decode()
    except UnicodeDecodeError:
        raise Malformed("Malformed request: the form is not in UTF-8.") from None
