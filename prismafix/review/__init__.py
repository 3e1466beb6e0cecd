"""The full-screen review of `fix --interactive`: proposals in, the ids of those that are wanted out.

`model`, `needs`, `tree`, `matching`, `account`, `words` and `code` are plain data and text; only `app`, `dialogs` and
`screen` import Textual, and nothing imports those before a review begins. Nothing here writes a file.
"""
