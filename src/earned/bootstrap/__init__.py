"""Composition root: settings become a database and an application."""
