"""The views, one module a resource: what is asked for, the command or query, the answer."""
