"""Strings and numbers in, strings and numbers out: connection URLs, who hosts the database, pool sizes and timeouts.

Pure: no input and output, no clock, no project. May import only `errors`.
"""
