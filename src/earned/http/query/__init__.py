"""Object Query: what can be asked for, reading what is asked, and writing what was found."""
