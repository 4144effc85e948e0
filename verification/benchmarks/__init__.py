"""Measurements: ratios within one run, because no two machines or moments are alike."""
