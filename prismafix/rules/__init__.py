"""A `Project` in; `Finding`s out, each with an optional `Intent`: what is wrong and what should be done about it.

One module per rule, discovered by name (`pf123_name.py`). No trees, no input and output. May import project and what
lies before it."""
