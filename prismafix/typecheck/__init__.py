"""Contents of files in; what the project's own TypeScript says about them out.

Nothing is written: the compiler, in a process of its own, reads changed files from memory. May import only `errors`.
"""
