"""Uploaded usage files of every format, as rows of texts (U 3.6).

A file comes from outside: what unfolds beyond measure is refused before it does, nothing is ever
written to disk, and a formula is read as the value it had, never computed.
"""
