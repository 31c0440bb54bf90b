"""ZOQL: the grammar, the objects as it names them, and what a statement asks of them."""
