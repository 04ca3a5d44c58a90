"""
Carries out orders and reports facts.
"""
