"""The wire: routes, the two Zuora dialects, authentication and errors."""
