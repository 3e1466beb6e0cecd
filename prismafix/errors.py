"""Errors that a user can cause."""


class UserError(Exception):
    """One clear line for the user: names the file, the cause and the way out. Exit code 2, never a traceback."""
