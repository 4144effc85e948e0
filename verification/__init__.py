"""Checks of the project that run as commands, in addition to the test suite."""
