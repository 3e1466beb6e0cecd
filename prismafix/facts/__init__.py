"""The bytes of one file in; `ModuleFacts` out: what that file says, as plain picklable data.

Knows no path and no project. May import syntax.
"""
