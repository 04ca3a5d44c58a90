"""
The resident process that starts local steps and records how they ended. Standard library only.
"""
