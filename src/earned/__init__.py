"""Earned: an open, self-hosted usage-to-revenue engine that speaks the Zuora API."""

__version__ = "0.1.0"
