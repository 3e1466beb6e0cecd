"""Strings and numbers in; strings and numbers out.

Connection URLs, providers and driver options. Pure. May import nothing of prismafix but errors.
"""
