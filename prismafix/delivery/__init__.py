"""A `Result` in; a changed work tree or commits out.

The only writer into the analysed tree. May import the engine and what lies before it.
"""
