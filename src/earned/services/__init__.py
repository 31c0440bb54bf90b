"""Use cases: one module, one verb, one transaction."""
