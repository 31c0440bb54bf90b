"""Every worked scenario of the dossier (U 5) has a test with its literal numbers, by its name."""

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
ROWS = {*range(1, 9), 11, *range(13, 20), *range(21, 26), 27, 28, *range(30, 42), 43}
ROWS |= {*range(45, 56)}


def test_every_row_has_a_test() -> None:
    sources = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    found = {
        int(number)
        for source in sources
        for names in re.findall(r"def test_u_([0-9]+(?:_and_[0-9]+)?)_", source)
        for number in names.split("_and_")
    }

    assert not ROWS - found
