"""
HTTP: routes, wire forms, the stream of a job, and its plain page.

In:       requests, checked at the gate.
Out:      answers made from what `service/` returns.
Not here: any rule about jobs; SQL; processes.
"""
