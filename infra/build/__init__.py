"""WHAT IS DEPLOYED with the stack, made from the tree: the wheel and its dependencies, the functions, the DAG folder.

The same tree gives the same bytes, on any machine: entries are sorted and stored, times are fixed, versions are the lock file's.
It is the same for every environment, so what staging has tried is what prod gets.
"""
