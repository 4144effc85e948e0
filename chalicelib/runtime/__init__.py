"""Settings, clients and connections: the only readers of the environment."""
