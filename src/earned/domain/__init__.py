"""The rules, as pure functions of values: no I/O, no clock, no logging, standard library only."""
