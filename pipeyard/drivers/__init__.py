"""
Programs that run in place of a step's command: parallel, Spark, copying.

In:       a task, as JSON, that `pipeyard/launch/driver.py` wrote.
Out:      what the step writes, and logs.
Not here: anything of Pipeyard: these files are copied into a step's folder and run with its own Python.

Invariant: standard library only, in the syntax of Python 3.7; modules are imported by `from . import`,
because the folder has another name where it runs.
"""
