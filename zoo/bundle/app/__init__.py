"""The program inside a bundle: Python 3.9 and its standard library, and nothing else.

Python compiles it at every start, because an archive holds no compiled files. So a module is
imported where it is needed, and typing, pathlib and dataclasses, which are slow to import, never.
"""
