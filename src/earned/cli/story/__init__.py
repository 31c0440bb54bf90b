"""The demonstration: half a year of four customers, told through the HTTP API alone."""
