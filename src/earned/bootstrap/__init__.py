"""Puts the parts together; the only place that reads environment, clock and randomness."""
