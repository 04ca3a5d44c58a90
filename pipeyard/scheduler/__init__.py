"""
Facts in, orders out: the only place where a node changes its state.
"""
