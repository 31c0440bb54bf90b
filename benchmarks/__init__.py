"""Measurements, each as a ratio to a limit taken in the same run. Run by `make bench`."""
