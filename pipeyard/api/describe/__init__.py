"""The API described by OpenAPI; nothing of it is imported by a server until somebody asks for it."""
