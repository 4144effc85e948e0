"""Simulated days of merchants with crashes, faults and reordering."""
