"""
HTTP: routes, the job page, the event stream.
"""
