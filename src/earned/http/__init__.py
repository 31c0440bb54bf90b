"""The wire: two Zuora dialects, authentication, headers, limits, and one table of routes."""
