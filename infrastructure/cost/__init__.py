"""What a month costs: the use of AWS by the real code, measured, times a dated price list."""
