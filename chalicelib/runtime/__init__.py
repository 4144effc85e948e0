"""Settings, clients and connections; only this package reads the environment."""
