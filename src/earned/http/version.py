"""Minor versions of the API: `Zuora-Version` and `X-Zuora-WSDL-Version` (R 8.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from earned.domain.settings import API_VERSIONS
from earned.http.refusal import bad_header

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


_KNOWN = {name: Version(place) for place, name in enumerate(API_VERSIONS)}

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
