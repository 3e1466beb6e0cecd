"""A `Result` in; text, JSON, a diff, SARIF, annotations, Markdown or HTML out; baselines in both directions.

May import the engine and what lies before it.
"""
