"""Do the tests notice when the code is wrong? `make mutants` changes one thing at a time and runs the tests of it.

The changes are mutmut's and two more (generating.py). mutmut's own runner starts pytest anew for every mutant, and most
of that time goes into collecting the same parametrised tests again; here one process collects them once and forks.
"""
