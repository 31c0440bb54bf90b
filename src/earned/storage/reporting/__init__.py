"""What reports are made of, added up by the database: one statement for a figure of all."""
