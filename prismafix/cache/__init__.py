"""Bytes in under a name, the same bytes out in a later run, or nothing. What they mean is for others to know.

A cache folder may be damaged, shared by several runs, read-only or gone: none of that is an error. May import errors.
"""
