"""
The frozen vocabulary: values that every other folder speaks in.

Not here: text, files, clocks, sockets. Imports the standard library only.
"""
