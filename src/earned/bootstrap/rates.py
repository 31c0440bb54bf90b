"""How many requests a caller may send in windows of time (R 8.7)."""

Rates = tuple[tuple[int, int], ...]
"""Limits of requests in seconds; a caller is within all of them. None at all if empty."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

PRODUCTION: Rates = ((50_000, _MINUTE), (2_250_000, _HOUR), (27_000_000, _DAY))
AUTHENTICATION: Rates = ((2_000, _MINUTE), (67_500, _HOUR), (810_000, _DAY))
AUTHENTICATION_ADDRESS: Rates = ((100, _MINUTE),)

_NAMED: dict[str, Rates] = {
    "off": (),
    "on": PRODUCTION,
    "production": PRODUCTION,
    "developer-sandbox": ((12_500, _MINUTE), (25_000, _HOUR), (50_000, _DAY)),
    "api-sandbox": ((2_500, _MINUTE), (5_000, _HOUR), (10_000, _DAY)),
}
NAMES = tuple(_NAMED)


def parse_rates(text: str) -> Rates:
    """Read the name of a set of limits, or limits like `50000/60,2250000/3600`.

    Raises `ValueError` if it is neither.
    """
    name = text.strip().lower()
    if name in _NAMED:
        return _NAMED[name]
    rates = tuple(_rate(part) for part in name.split(","))
    if not all(requests > 0 and seconds > 0 for requests, seconds in rates):
        raise ValueError(text)
    return rates


def _rate(text: str) -> tuple[int, int]:
    requests, _, seconds = text.partition("/")
    return int(requests), int(seconds)
