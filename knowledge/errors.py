"""Errors for the person who runs the assistant."""


class OperatorError(Exception):
    """``str(error)`` is one line: the file, line, setting or part, and what to do about it."""
