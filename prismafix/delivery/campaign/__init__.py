"""A campaign's file in; a pull request in each of its repositories out, with a state that survives being killed.

Only the process that was started writes the state; each repository is worked on in a process of its own, on this
machine or on a Dask cluster. How a repository is analysed is handed in by the command line.
"""
