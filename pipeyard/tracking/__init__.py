"""
What MLflow's clients say and want to hear: values in, values out.

Pure: no HTTP, no database, no clock. The routes are in `api/mlflow/`, the use cases in `service/tracking*.py`.
"""
