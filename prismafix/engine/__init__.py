"""Paths and options in; one `Result` out, which every output reads.

Runs the pipeline: rounds, overlaps, prerequisites, the re-parse check, the accounting of every finding. May import all
that lies before it.
"""
