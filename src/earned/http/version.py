"""Minor versions of the API: `Zuora-Version` and `X-Zuora-WSDL-Version` (R 8.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from earned.http.refusal import bad_header

_NUMBERED = """
    186.0 187.0 188.0 189.0 196.0 206.0 207.0 211.0 214.0 215.0 216.0 223.0 224.0 230.0 239.0
    256.0 257.0 309.0 314.0 315.0 329.0 330.0 336.0 337.0 338.0 341.0
"""
_DATED = ("2024-05-20", "2025-08-12")

VERSION_HEADER = "zuora-version"
WSDL_HEADER = "x-zuora-wsdl-version"
DEFAULT_WSDL = 79
_WSDL_DIGITS_MAX = 3


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A minor version, by its place in the published list; numbered ones come before dated ones."""

    place: int

    @classmethod
    def named(cls, name: str) -> "Version":
        """Return the version with that name. Raises a refusal if there is none."""
        if name not in _KNOWN:
            raise bad_header(f"Zuora-Version '{name}' is not a supported minor version.")
        return _KNOWN[name]


VERSIONS = (*_NUMBERED.split(), *_DATED)
_KNOWN = {name: Version(place) for place, name in enumerate(VERSIONS)}

DEFAULT_VERSION_NAME = "186.0"
DEFAULT_VERSION = Version.named(DEFAULT_VERSION_NAME)
ERRORS_BY_STATUS = Version.named("2024-05-20")
QUERY_ERRORS_BARE = Version.named("2025-08-12")


def likely_version(headers: Mapping[str, str]) -> Version:
    """Return the version to refuse in before it is known whether it can be used."""
    return _KNOWN.get(headers.get(VERSION_HEADER, ""), DEFAULT_VERSION)


def version_of(headers: Mapping[str, str]) -> Version | None:
    """Return the version a request asks for, None if it leaves that open. Raises a refusal."""
    name = headers.get(VERSION_HEADER)
    return None if name is None else _KNOWN.get(name) or Version.named(name.strip())


def wsdl_version_of(headers: Mapping[str, str]) -> int:
    """Return the WSDL version a request asks for, 79 if it does not. Raises a refusal."""
    text = headers.get(WSDL_HEADER)
    if text is None:
        return DEFAULT_WSDL
    whole = text.strip().partition(".")[0]
    if not (whole.isascii() and whole.isdigit() and len(whole) <= _WSDL_DIGITS_MAX):
        raise bad_header("X-Zuora-WSDL-Version should be a version number.")
    return int(whole)
