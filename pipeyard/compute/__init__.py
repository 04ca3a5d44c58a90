"""
Back ends that run attempts; one folder each, none knows another.
"""
