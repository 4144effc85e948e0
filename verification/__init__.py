"""Verification beside the test suite: commands that simulate, inject faults, load and measure."""
