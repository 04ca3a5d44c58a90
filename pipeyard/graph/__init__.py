"""
Specs and assets to one flat graph, checked.
"""
