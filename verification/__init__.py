"""Checks of the project that are commands of their own, beside the test suite."""
