"""What all operations have in common in the description: headers, errors, ways to sign in."""

from collections.abc import Mapping
from typing import Any

from earned.domain.settings import API_VERSIONS
from earned.http.dialect import UNRECOGNISED, Dialect
from earned.http.headers import COMPRESS_ABOVE_BYTES, KEY_LENGTH_MAX, TRACK_LENGTH_MAX
from earned.http.oauth import REVOKE_PATH, TOKEN_PATH
from earned.http.version import DEFAULT_VERSION_NAME, DEFAULT_WSDL

Part = Mapping[str, Any]

_TEXT = {"type": "string"}


def _header(name: str, description: str, schema: Part) -> Part:
    return {"name": name, "in": "header", "description": description, "schema": schema}


# The headers of the seeds, with their documented limits; `Authorization` is a way to sign in.
HEADERS: Mapping[str, Part] = {
    "IdempotencyKey": _header(
        "Idempotency-Key",
        "A key of your own for this change. A request with a key that was used within 24 hours is "
        "not carried out again but answered as it was answered before, with the header "
        "`Idempotent-Replayed: true`. For POST and PATCH only.",
        {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX},
    ),
    "AcceptEncoding": _header(
        "Accept-Encoding",
        f"With `gzip`, answers of more than {COMPRESS_ABOVE_BYTES} bytes are compressed.",
        _TEXT,
    ),
    "ContentEncoding": _header(
        "Content-Encoding",
        "`gzip` if the body is compressed.",
        {"type": "string", "enum": ["gzip", "identity"]},
    ),
    "TrackId": _header(
        "Zuora-Track-Id",
        "An id of your own, returned in the answer. US-ASCII without colon, semicolon, double "
        "quote and quote.",
        {
            "type": "string",
            "maxLength": TRACK_LENGTH_MAX,
            "pattern": "^[ !#-&(-9<-~]*$",
        },
    ),
    "EntityIds": _header(
        "Zuora-Entity-Ids",
        "The entity to work in. Required when the token is valid for several.",
        _TEXT,
    ),
    "OrgIds": _header(
        "Zuora-Org-Ids",
        "Comma-separated ids of the organizations to work in, among those the user can access; "
        "all of them if it is not set.",
        _TEXT,
    ),
    "Version": _header(
        "Zuora-Version",
        "The minor version of the API. It decides the HTTP status of errors: from 2024-05-20 on "
        "they have one of their own, before it most are HTTP 200 with `success: false`.",
        {"type": "string", "enum": list(API_VERSIONS), "default": DEFAULT_VERSION_NAME},
    ),
    "WsdlVersion": _header(
        "X-Zuora-WSDL-Version",
        "The WSDL version, which decides which fields are known: `UniqueKey` of usage from 114 on. "
        "Prepaid fields of charges are known whatever it is.",
        {"type": "string", "default": str(DEFAULT_WSDL)},
    ),
}


def headers_for(method: str, dialect: Dialect, *, has_body: bool) -> list[str]:
    """Name the headers that an operation understands."""
    names = ["AcceptEncoding", "TrackId", "EntityIds", "OrgIds"]
    names.append("WsdlVersion" if dialect.is_crud else "Version")
    if has_body:
        names.append("ContentEncoding")
    if method in {"POST", "PATCH"}:
        names.append("IdempotencyKey")
    return names


ANSWER_HEADERS: Mapping[str, Part] = {
    "Zuora-Request-Id": {"description": "The id of this answer.", "schema": _TEXT},
    "Zuora-Track-Id": {"description": "The id that the request came with.", "schema": _TEXT},
    "RateLimit-Limit": {"description": "The limit nearest exhaustion, then all.", "schema": _TEXT},
    "RateLimit-Remaining": {"description": "Requests left in it.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {
        "description": "Seconds until it starts afresh.",
        "schema": {"type": "integer"},
    },
    "Concurrency-Limit-Type": {"description": "Which limit counts.", "schema": _TEXT},
    "Concurrency-Limit-Limit": {
        "description": "Requests under way that it allows.",
        "schema": {"type": "integer"},
    },
    "Concurrency-Limit-Remaining": {
        "description": "Requests that may come on top of those under way.",
        "schema": {"type": "integer"},
    },
    "Idempotent-Replayed": {
        "description": "`true` on an answer that was kept under an idempotency key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}


def _object(required: list[str], **properties: Part) -> Part:
    return {"type": "object", "required": required, "properties": properties}


_REASONS = {
    "type": "array",
    "items": _object(
        ["code", "message"],
        code={
            "type": "integer",
            "description": "Six digits of the resource and two of the category.",
            "examples": [50000040],
        },
        message=_TEXT,
    ),
}
_REQUEST_ID = {"type": "string", "format": "uuid"}

ERRORS: Mapping[str, Part] = {
    "V1Error": _object(
        ["success", "processId", "reasons", "requestId"],
        success={"type": "boolean", "const": False},
        processId={"type": "string", "pattern": "^[0-9A-F]{16}$"},
        reasons=_REASONS,
        requestId=_REQUEST_ID,
    ),
    "QueryError": _object(["reasons", "requestId"], reasons=_REASONS, requestId=_REQUEST_ID),
    "ObjectError": _object(
        ["Success", "Errors"],
        Success={"type": "boolean", "const": False},
        Errors={"type": "array", "items": _object(["Code", "Message"], Code=_TEXT, Message=_TEXT)},
    ),
    "Fault": _object(["FaultCode", "FaultMessage"], FaultCode=_TEXT, FaultMessage=_TEXT),
    "ObjectMessage": {
        **_object(["message"], message=_TEXT),
        "examples": [{"message": "Authentication error"}, {"message": UNRECOGNISED}],
    },
    "ObjectNotFound": _object(
        ["records", "size", "done"],
        records={"type": "array", "maxItems": 0},
        size={"type": "integer", "const": 0},
        done={"type": "boolean", "const": True},
    ),
    "TokenError": _object(
        ["status", "error", "message", "path"],
        status={"type": "integer"},
        error=_TEXT,
        message=_TEXT,
        path=_TEXT,
    ),
}

_MEANINGS = {
    "400": "A field, a header or the body cannot be used, or a rule forbids it.",
    "401": "No valid token.",
    "403": "Not permitted, or the feature is off.",
    "404": "No object answers to the key.",
    "408": "The body did not come in time.",
    "409": "Another request holds what this one needs, or has the same idempotency key.",
    "413": "The body is too large.",
    "415": "The content type or encoding is not supported.",
    "422": "The idempotency key was used for a different request.",
    "429": "Too many requests.",
    "500": "The server failed; the same request may be sent again.",
}


def errors_for(dialect: Dialect, *, has_body: bool, has_key: bool) -> dict[str, Part]:
    """Refer to the error answers of an operation, by status."""
    wanted = ["400", "401", "403", "404", "429", "500"]
    wanted += ["408", "413", "415"] if has_body else []
    wanted += ["409", "422"] if has_key else []
    names = {status: f"{dialect.value}-{status}" for status in sorted(wanted)}
    return {status: {"$ref": f"#/components/responses/{name}"} for status, name in names.items()}


def error_responses() -> dict[str, Part]:
    """Describe the error answers of each dialect."""
    return {
        f"{dialect.value}-{status}": _response(meaning, _error_schema(dialect, status))
        for dialect in Dialect
        for status, meaning in _MEANINGS.items()
    }


def _error_schema(dialect: Dialect, status: str) -> Part:
    if dialect is Dialect.V1:
        return reference("V1Error")
    if dialect is Dialect.QUERY:
        return {"oneOf": [reference("QueryError"), reference("V1Error")]}
    if dialect is Dialect.ACTION:
        return reference("ObjectMessage" if status == "401" else "Fault")
    if status == "400":
        return {"oneOf": [reference("ObjectError"), reference("ObjectMessage")]}
    named = {"401": "ObjectMessage", "404": "ObjectNotFound"}
    return reference(named.get(status, "ObjectError"))


def reference(name: str) -> Part:
    """Refer to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def _response(description: str, schema: Part) -> Part:
    return {
        "description": description,
        "headers": {"Zuora-Request-Id": {"$ref": "#/components/headers/Zuora-Request-Id"}},
        "content": {"application/json": {"schema": schema}},
    }


SECURITY_SCHEMES: Mapping[str, Part] = {
    "bearerAuth": {"type": "http", "scheme": "bearer"},
    "clientCredentials": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": TOKEN_PATH, "scopes": {}}},
    },
}
SECURITY: tuple[Part, ...] = ({"bearerAuth": ()}, {"clientCredentials": ()})

_CREDENTIALS = {"client_id": _TEXT, "client_secret": {"type": "string", "format": "password"}}


def _form(**more: Part) -> Part:
    schema = _object([*_CREDENTIALS, *more], **_CREDENTIALS, **more)
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}


def _token_operation(operation_id: str, summary: str, form: Part, answer: Part) -> Part:
    refused = _response("The client is not who it says.", reference("TokenError"))
    return {
        "operationId": operation_id,
        "tags": ["OAuth"],
        "summary": summary,
        "security": [],
        "requestBody": form,
        "responses": {
            "200": _response("Done.", answer),
            **dict.fromkeys(("400", "401", "403", "408", "413", "415", "429"), refused),
        },
    }


def _service(operation_id: str, summary: str, media: str, *more: str) -> Part:
    content = {media: {"schema": _TEXT if media == "text/plain" else {"type": "object"}}}
    answer = {"description": summary, "content": content}
    return {
        "operationId": operation_id,
        "tags": ["Service"],
        "summary": summary,
        "security": [],
        "responses": dict.fromkeys(("200", *more), answer),
    }


# Paths that are no operation of the table.
SERVICES: Mapping[str, Mapping[str, Part]] = {
    TOKEN_PATH: {
        "post": _token_operation(
            "createToken",
            "Create an OAuth token",
            _form(grant_type={"type": "string", "enum": ["client_credentials"]}),
            _object(
                ["access_token", "token_type", "expires_in", "scope", "jti"],
                access_token=_TEXT,
                token_type={"type": "string", "const": "bearer"},
                expires_in={"type": "integer"},
                scope=_TEXT,
                jti=_TEXT,
            ),
        )
    },
    REVOKE_PATH: {
        "post": _token_operation(
            "revokeToken", "Revoke an OAuth token", _form(token=_TEXT), {"type": "object"}
        )
    },
    "/healthz": {"get": _service("getHealth", "Whether the process is alive", "application/json")},
    "/readyz": {"get": _service("getReadiness", "Whether it can serve", "application/json", "503")},
    "/metrics": {"get": _service("getMetrics", "Metrics for Prometheus", "text/plain")},
}
