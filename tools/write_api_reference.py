"""Write the list of operations from the table of routes; run by `make reference`."""

from pathlib import Path

from earned.http.reference import api_reference

PATH = Path("docs/reference/api.md")


def main() -> None:
    """Write the page."""
    PATH.write_text(api_reference(), encoding="utf-8")
    print(f"Wrote {PATH}.")


if __name__ == "__main__":
    main()
