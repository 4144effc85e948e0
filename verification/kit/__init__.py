"""Tools that tests, simulations and measurements share."""
