"""Text in files that people open with a spreadsheet."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(text: str) -> str:
    """Return text; what a spreadsheet would take for a formula is quoted as text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
