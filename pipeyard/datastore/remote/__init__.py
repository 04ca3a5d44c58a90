"""
Datastores that are elsewhere: Azure Blob and Data Lake, S3, Google Cloud Storage, plain HTTP.

Start at `work.py`: everything there runs in worker processes, which alone import the
libraries of the stores. The server's side is `datastore/transfer.py`.
"""
