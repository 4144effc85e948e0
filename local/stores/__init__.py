"""Launchers of the real PostgreSQL and Valkey that come as wheels, for `make run` and the tests."""
