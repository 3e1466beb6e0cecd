"""The errors of a database that runs out of connections: what they mean, and where a log shows them.

In: a code, the text of an error, or the lines of a log. Out: `KnownError`s, and groups of what a log holds. Texts are
in `texts/`, one Markdown file per error. No other input and output. May import everything but `cli` and `delivery`.
"""
