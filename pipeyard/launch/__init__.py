"""
A bound node to the exact process that runs it.
"""
