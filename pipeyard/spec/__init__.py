"""
Text to spec: YAML documents that know their lines, decoded into frozen values.
"""
