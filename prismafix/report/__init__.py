"""A `Result` in; text or JSON out.

May import the engine and what lies before it.
"""
