"""
What drafts mean, said by the code of the command line: it checks and packs their files on the server.

It stands above the client, whose code it runs, and is handed to the service as a `ports.Composer`.
"""
