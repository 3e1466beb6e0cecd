"""An `Intent` and fresh trees in; a `Fix` (edits over files) out, or a `Refusal` with its reason.

One module per rewrite pass. May import rules' intents, facts, workspace and syntax.
"""
