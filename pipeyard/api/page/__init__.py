"""
The plain pages: a list of jobs, one job, and a way in.

Not here: the Studio, which will take their addresses over.
"""
