"""
MLflow's own protocol, so that an unmodified `mlflow` client logs to this server.

Addresses: `/api/2.0/mlflow/...` and `/api/2.0/mlflow-artifacts/...`, and the same below `/mlflow/<workspace>`, which
is a workspace's `mlflow_tracking_uri`; `/ajax-api/` means the same as `/api/`, and 3.0 the same as 2.0.
"""
