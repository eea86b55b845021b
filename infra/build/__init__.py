"""What is deployed with the stack: the engine, the project's bundle, the functions, the DAG folder.

The same tree gives the same bytes, on any machine: entries are sorted and stored, times are fixed, versions
are pinned. It is the same for every environment, so what staging has tried is what prod gets.
"""
