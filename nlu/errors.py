"""What ends the engine at its start."""


class BadStore(Exception):
    """A setting of a store or broker cannot be used; the message is one line for operators."""
