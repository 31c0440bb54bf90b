"""The chain from journal lines to usage records, read step by step, for many things at once."""
