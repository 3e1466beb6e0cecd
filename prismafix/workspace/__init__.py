"""A path in (and an overlay of files that exist only in memory); a `Workspace` out: what is in the tree.

Nothing of the analysed project is executed. May import errors.
"""
