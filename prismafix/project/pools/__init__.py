"""Clients and pools: where they are built, behind which guard, and whether connections are given back.

Comes in: what things denote and who runs it. Goes out: client sites, guards, drivers' pools, leaks.
"""
