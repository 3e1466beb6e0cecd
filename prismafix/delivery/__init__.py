"""A `Result` in; a changed work tree, commits, pull requests or a campaign out.

The only writer into the analysed tree. May import the engine, the report and what lies before them.
"""
