"""A repository and what to fix in it in; branches, commits and pull requests out, from a work tree of their own.

The user's checkout is not touched. Asks the forge through `delivery.forges` only.
"""
