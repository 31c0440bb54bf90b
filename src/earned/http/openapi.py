"""The description of the API, OpenAPI 3.1, made from the one table of routes."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from earned import __version__
from earned.http.form import FORM
from earned.http.openapi_parts import (
    ANSWER_HEADERS,
    ERRORS,
    HEADERS,
    SECURITY,
    SECURITY_SCHEMES,
    SERVICES,
    error_responses,
    errors_for,
    headers_for,
)
from earned.http.operation import Operation
from earned.http.parameters import parameters_of
from earned.http.table import OPERATIONS
from earned.http.upload import FILE_FIELD

_REFERENCE = "#/components/schemas/{model}"
_PLACEHOLDER = re.compile(r"\{([^}]+)\}")
_NOTHING = (None, "")
_FILE = {
    "type": "object",
    "required": [FILE_FIELD],
    "properties": {FILE_FIELD: {"type": "string", "format": "binary"}},
}
_CUSTOM_FIELDS = {"__c$": {"description": "A custom field: any JSON value, kept as sent."}}
_ABOUT = (
    "An open, self-hosted usage-to-revenue engine that speaks the Zuora API. Sign in with a client "
    "id and secret, then try any operation on this page."
)

Schemas = Mapping[Any, Mapping[str, Any]]
"""References to the schemas of models, by model and mode."""


@cache
def document_bytes() -> bytes:
    """Return the description as JSON."""
    return msgspec.json.encode(document(OPERATIONS))


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Describe `operations`."""
    schemas, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {path: dict(item) for path, item in SERVICES.items()}
    for operation in operations:
        described = _operation(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    tags = sorted({operation.tag for operation in operations} | {"OAuth", "Service"})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Earned",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags],
        "security": SECURITY,
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**definitions, **ERRORS},
            "parameters": HEADERS,
            "headers": ANSWER_HEADERS,
            "responses": error_responses(),
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _schemas(operations: Sequence[Operation]) -> tuple[Schemas, Mapping[str, Any]]:
    """Return references to the models of all operations, and what they refer to."""
    bodies = {operation.body for operation in operations if operation.body}
    answers = {operation.answer for operation in operations if operation.answer}
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in bodies),
        *((model, "serialization") for model in answers),
    ]
    models.sort(key=lambda pair: (pair[0].__name__, pair[0].__module__))
    references, found = models_json_schema(models, ref_template=_REFERENCE)
    definitions = {name: _tidy(schema) for name, schema in found.get("$defs", {}).items()}
    for model in bodies:
        name = str(references[model, "validation"]["$ref"]).rpartition("/")[2]
        definitions[name] = {**definitions[name], "patternProperties": _CUSTOM_FIELDS}
    return references, definitions


def _tidy(schema: Any) -> Any:  # noqa: ANN401 - Any part of a schema.
    """Leave out titles made of names, and defaults that only say that nothing was sent."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _tidy(part)
        for name, part in schema.items()
        if not (name == "title" and isinstance(part, str))
        and not (name == "default" and part in _NOTHING)
    }


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    has_body = operation.has_body
    headers = headers_for(operation.method, operation.dialect, has_body=has_body)
    has_key = "IdempotencyKey" in headers
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [
            *_path_parameters(operation.path),
            *_query_parameters(operation),
            *({"$ref": f"#/components/parameters/{name}"} for name in headers),
        ],
        "responses": {
            "200": _answer(operation, schemas, has_key=has_key),
            **errors_for(operation.dialect, has_body=has_body, has_key=has_key),
        },
    }
    if operation.takes_file:
        form = {"schema": {"allOf": [_FILE, *_body_schema(operation, schemas)]}}
        described["requestBody"] = {"required": True, "content": {FORM: form}}
    elif operation.body is not None:
        (schema,) = _body_schema(operation, schemas)
        content = {"application/json": {"schema": schema}}
        described["requestBody"] = {"required": operation.body_required, "content": content}
    return described


def _body_schema(operation: Operation, schemas: Schemas) -> list[Mapping[str, Any]]:
    return [schemas[operation.body, "validation"]] if operation.body else []


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": "An id or number." if name.endswith("-key") else "",
            "schema": {"type": "string"},
        }
        for name in _PLACEHOLDER.findall(path)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "description": parameter.description,
            "schema": parameter.schema,
        }
        for parameter in parameters_of(operation)
    ]


def _answer(operation: Operation, schemas: Schemas, *, has_key: bool) -> dict[str, Any]:
    schema: Mapping[str, Any] = {"type": "object"}
    if operation.answer is not None:
        schema = schemas[operation.answer, "serialization"]
    names = [name for name in ANSWER_HEADERS if has_key or name != "Idempotent-Replayed"]
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    if operation.file_type is not None:
        content[operation.file_type] = {"schema": {"type": "string"}}
    return {
        "description": "Done.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": content,
    }
