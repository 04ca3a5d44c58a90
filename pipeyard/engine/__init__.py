"""
Carries out the scheduler's orders and brings back facts. The only folder that runs jobs.
"""
