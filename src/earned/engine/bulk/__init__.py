"""Usage by the million: files checked, guided, drawn down and written in sets of rows.

The rules are those of `earned.services`, which the results are equal to, row for row. What is one
decision for many rows (what they name, which charges they are for) is made once by the services
themselves; what is arithmetic on each row is done on all of them at a time, in whole numbers. Rows
that need more than that are recorded by the services, one after another.
"""
