"""Bytes in; trees and captures out.

The lowest layer: grammars, the second parse for the grammar's gaps, queries. May import nothing of prismafix but
errors. Used by facts and rewrites, and by the engine's re-parse check.
"""
