"""Usage files: `POST /v1/usage`, and what became of them (U 3.6)."""

from collections.abc import Mapping
from datetime import datetime
from mimetypes import guess_type

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from earned.domain.errors import Invalid, NotFound
from earned.domain.import_result import NAME_SUFFIX, file_path
from earned.domain.stamps import object_stamps
from earned.domain.usage_import import UsageImport
from earned.engine.usage_files.reading import KINDS, kind_of
from earned.http.answers import ObjectAnswer, ObjectChanged, V1Answer
from earned.http.dialect import Dialect
from earned.http.object_answers import changed
from earned.http.operation import Call, Operation, Read, StoredFile, Write
from earned.http.routes.usage import RESOURCE
from earned.http.upload import FILE_FIELD
from earned.http.validation import ObjectRequest
from earned.services.accept_file import AcceptFile, accept_file, check_file
from earned.services.import_usage import import_by_id
from earned.services.ports import Books
from earned.services.work import single

_STATUS_PATH = "/v1/usage/{id}/status"
_FILE_PATH = "/v1/files/{file-id}"
_ACCEPT = single(accept_file, structural=False)


class NewImport(ObjectRequest):
    """What an import is of, and what it is called."""

    import_type: str
    name: str = Field(min_length=1, max_length=255)


class FileAccepted(V1Answer):
    """The file is stored; whether its rows can be is told by the status."""

    size: int
    check_import_status: str


class RefusedRowItem(BaseModel):
    """A row that cannot be recorded; the header is row 1."""

    model_config = ConfigDict(alias_generator=to_camel)

    row: int
    column: str
    reason: str


class ImportStatusAnswer(V1Answer):
    """How far an import has come. Only `Completed` means that the rows are recorded."""

    id: str
    import_status: str
    status_reason: str | None = None
    name: str
    md5: str
    size: int
    total_count: int
    imported_count: int
    refused_rows: list[RefusedRowItem] | None = None
    original_resource_url: str | None = None
    result_resource_url: str | None = None


class ImportObject(ObjectAnswer):
    """An import as the object dialect has it."""

    id: str
    import_type: str
    name: str
    md5: str
    status: str
    status_reason: str | None = None
    total_count: int
    imported_count: int
    original_resource_url: str | None = None
    result_resource_url: str | None = None
    created_by_id: str
    created_date: datetime
    updated_by_id: str
    updated_date: datetime


def _accept(books: Books, call: Call, name: str | None = None) -> AcceptFile:
    upload = call.upload
    assert upload is not None, "the operation takes a file"
    beginning = upload.beginning
    if not kind_of(upload.name, beginning):
        raise Invalid(f"The file should be one of {', '.join(KINDS)}", field=FILE_FIELD)
    check_file(books, upload.name, upload.size)
    return AcceptFile(
        import_id=books.new_id(),
        file_name=upload.name,
        size=upload.size,
        md5=upload.md5,
        content=None if upload.is_large else beginning,
        name=name,
    )


def _new(books: Books, call: Call) -> AcceptFile:
    body = call.body
    assert isinstance(body, NewImport)
    if body.import_type != "Usage":
        raise Invalid("'ImportType' value should be: Usage", field="ImportType")
    return _accept(books, call, body.name)


def _accepted(call: Call, stored: UsageImport) -> Mapping[str, object]:
    del call
    path = _STATUS_PATH.replace("{id}", stored.id)
    return {"success": True, "size": stored.size, "checkImportStatus": path}


def _status(books: Books, call: Call) -> Mapping[str, object]:
    found = import_by_id(books, call.path["id"])
    answer = {
        "success": True,
        "id": found.id,
        "importStatus": found.status,
        "name": found.name,
        "md5": found.md5,
        "size": found.size,
        "totalCount": found.total_count,
        "importedCount": found.imported_count,
    }
    if found.status_reason is not None:
        answer["statusReason"] = found.status_reason
    if found.refused_rows:
        names = ("row", "column", "reason")
        answer["refusedRows"] = [dict(zip(names, row, strict=True)) for row in found.refused_rows]
    if found.is_kept:
        answer["originalResourceUrl"] = file_path(found.id)
    if found.result_id is not None:
        answer["resultResourceUrl"] = file_path(found.result_id)
    return answer


def _object(books: Books, call: Call) -> Mapping[str, object]:
    found, zone = import_by_id(books, call.path["id"]), books.settings.zone
    answer = {
        "Id": found.id,
        "ImportType": "Usage",
        "Name": found.name,
        "Md5": found.md5,
        "Status": found.status,
        "StatusReason": found.status_reason,
        "TotalCount": found.total_count,
        "ImportedCount": found.imported_count,
        "OriginalResourceUrl": file_path(found.id) if found.is_kept else None,
        "ResultResourceUrl": found.result_id and file_path(found.result_id),
        **object_stamps(found, zone),
    }
    return {name: value for name, value in answer.items() if value is not None}


def _file(books: Books, call: Call) -> StoredFile:
    """Answer the file of an import, or its result."""
    file_id = call.path["file-id"]
    found = books.usage_imports.find(result_id=file_id)
    if found is not None:
        name, size = f"{found.name}{NAME_SUFFIX}", found.result_size or 0
        return StoredFile(file_id, "text/csv", name, size, is_packed=True)
    found = import_by_id(books, file_id)
    if not found.is_kept:
        raise NotFound.by_key(file_id)
    kind = guess_type(found.file_name)[0] or "application/octet-stream"
    return StoredFile(file_id, kind, found.file_name, found.size)


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/usage",
        id="uploadUsageFile",
        tag="Usage",
        summary="Upload a usage file, to be imported whole or not at all",
        resource=RESOURCE,
        answer=FileAccepted,
        takes_file=True,
        leaves_work=True,
        work=Write(_ACCEPT, None, _accepted, prepare=_accept),
    ),
    Operation(
        method="GET",
        path=_STATUS_PATH,
        id="getUsageImportStatus",
        tag="Usage",
        summary="Tell how far the import of a usage file has come",
        answer=ImportStatusAnswer,
        work=Read(_status),
    ),
    Operation(
        method="GET",
        path=_FILE_PATH,
        id="getFiles",
        tag="Usage",
        summary="Retrieve the file of an import, or its result",
        file_type="text/csv",
        work=Read(_file),
    ),
    Operation(
        method="POST",
        path="/v1/object/import",
        id="Object_POSTImport",
        tag="Usage",
        summary="CRUD: Create an import of a usage file",
        dialect=Dialect.OBJECT,
        resource=RESOURCE,
        body=NewImport,
        answer=ObjectChanged,
        takes_file=True,
        leaves_work=True,
        work=Write(_ACCEPT, None, changed, prepare=_new),
    ),
    Operation(
        method="GET",
        path="/v1/object/import/{id}",
        id="Object_GETImport",
        tag="Usage",
        summary="CRUD: Retrieve an import",
        dialect=Dialect.OBJECT,
        answer=ImportObject,
        work=Read(_object),
    ),
)
