"""
Whether an earlier result may stand for a step.
"""
