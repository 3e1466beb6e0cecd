"""What an expression, a name, a type or a parameter denotes: a client, a function, an instance, a package.

Comes in: the index. Goes out: `Value`s, and who names, calls or fills something. Imports `index`.
"""
