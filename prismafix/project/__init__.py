"""A `Workspace` and facts in; a `Project` out: how the files fit together.

Resolves imports both ways, says what denotes a client, which role a module plays, and whether a call reaches a query.
May import workspace and facts."""
