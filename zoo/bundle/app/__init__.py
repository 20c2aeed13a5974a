"""What is packed into a bundle: Python 3.9 and its standard library, and nothing else.

It is compiled anew at every start, since an archive keeps nothing. So a module is imported where it
is needed, and the slow ones of the library, such as typing, pathlib and dataclasses, not at all.
"""
