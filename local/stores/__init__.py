"""The real PostgreSQL and Valkey, installed from wheels, for the laptop cloud and the tests."""
