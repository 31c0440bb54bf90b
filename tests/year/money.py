"""Money as the reckoner counts it: whole minor units, rounded once from exact fractions (R 7)."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Money:
    """A currency: its decimals, how parts of an increment are rounded, and the increment."""

    code: str
    scale: int
    mode: str = "Half Up"
    step: int = 1

    def rounded(self, minor: Fraction) -> int:
        """Round minor units to the increment; the magnitude is what is rounded."""
        whole, rest = divmod(abs(minor) / self.step, 1)
        up = {"Half Up": rest >= Fraction(1, 2), "Up": rest > 0, "Down": False}[self.mode]
        return _signed((int(whole) + up) * self.step, minor)

    def cut(self, minor: Fraction) -> int:
        """Cut off toward zero, to a multiple of the increment."""
        return _signed(int(abs(minor) / self.step) * self.step, minor)

    def text(self, minor: int) -> str:
        """Write minor units as the major units of the wire: 3010 USD is `30.10`."""
        digits = str(abs(minor)).zfill(self.scale + 1)
        whole, part = digits[: len(digits) - self.scale], digits[len(digits) - self.scale :]
        return ("-" if minor < 0 else "") + (f"{whole}.{part}" if part else whole)

    def minor(self, text: str) -> int:
        """Read major units."""
        exact: Fraction = Fraction(text) * 10**self.scale
        assert exact.denominator == 1, f"{text} has too many decimals for {self.code}"
        return int(exact)


def _signed(magnitude: int, like: Fraction) -> int:
    return magnitude if like >= 0 else -magnitude


CURRENCIES = {
    one.code: one
    for one in (
        Money("USD", 2),
        Money("EUR", 2, "Down"),
        Money("JPY", 0),
        Money("KWD", 3),
        Money("CLF", 4, "Up"),
        Money("CHF", 2, step=5),
    )
}
