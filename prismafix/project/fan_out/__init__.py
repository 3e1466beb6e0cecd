"""Promises that are started for each element of a collection, and what bounds them already.

Comes in: what things denote and what calls reach. Goes out: `FanOut`s. Imports `reach`, `denote` and `index`.
"""
