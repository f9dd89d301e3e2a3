"""Errors that a user can do something about."""


class OTBError(ValueError):
    """One sentence that says what is wrong, and one that says what to do."""
