"""What bodies, queries and answers look like, for reading them and for the OpenAPI document."""
