"""The index of modules: what each file shows and says, kept between runs, and what an import resolves to.

Comes in: a `Workspace` and facts. Goes out: facts by path, importers, targets of specifiers. Imports `facts` and
`workspace`.
"""
