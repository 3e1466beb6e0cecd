"""Who runs a module and a function, and how often: requests, scripts, tests, shutdown, workers.

Comes in: the index, what starts programs, conventions of frameworks. Goes out: roles and executions.
"""
