"""Set-based work over millions of rows."""
