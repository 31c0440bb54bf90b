"""Send one message to an address of somebody else, and not to one of our own.

The name is looked up once, and the connection goes to the very address that was looked at. Nothing
is followed that the other side redirects to.
"""

import socket
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from earned.storage.outbox import Attempt

SECONDS = 10
_PORTS = {"http": 80, "https": 443}
_USER_AGENT = "earned"


class _Refused(Exception):
    """The address is not one that may be called."""


def call_out(url: str, headers: Mapping[str, str], body: bytes, *, may_be_private: bool) -> Attempt:
    """Send a message; return what came of it. `may_be_private` allows addresses of our network."""
    try:
        parsed = parse_url(url)
        address = _address_of(parsed, may_be_private=may_be_private)
        with _pool(parsed, address) as pool:
            response = pool.urlopen(
                "POST",
                parsed.request_uri,
                body=body,
                headers={"host": parsed.netloc or "", "user-agent": _USER_AGENT, **headers},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            response.close()
    except (HTTPError, OSError, _Refused) as failure:
        return Attempt(error=str(failure) or type(failure).__name__)
    return Attempt(status=response.status)


def _address_of(url: Url, *, may_be_private: bool) -> str:
    """Look the host up; return the first address. Raises `_Refused` for one of our network."""
    host = (url.host or "").strip("[]")
    found = socket.getaddrinfo(host, _port_of(url), type=socket.SOCK_STREAM)
    address = str(found[0][4][0])
    if not may_be_private and not _is_public(address):
        raise _Refused(f"{host} is at a private address.")
    return address


def _is_public(address: str) -> bool:
    known = ip_address(address.partition("%")[0])
    if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    return known.is_global and not known.is_multicast


def _port_of(url: Url) -> int:
    return url.port or _PORTS[url.scheme or "https"]


def _pool(url: Url, address: str) -> HTTPConnectionPool:
    """Return connections to the address; certificates are those of the host's name."""
    timeout = Timeout(total=SECONDS)
    if url.scheme == "http":
        return HTTPConnectionPool(address, _port_of(url), timeout=timeout)
    return HTTPSConnectionPool(
        address,
        _port_of(url),
        timeout=timeout,
        server_hostname=url.host,
        assert_hostname=url.host,
    )
