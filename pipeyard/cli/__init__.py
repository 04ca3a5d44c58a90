"""
Commands, and how results, progress and problems are drawn.
"""
