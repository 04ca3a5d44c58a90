"""
The same use cases over HTTP, for the command line and for Python users.
"""
