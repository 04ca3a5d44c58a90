"""
Attempts as processes of this machine, started by the resident launcher.
"""
