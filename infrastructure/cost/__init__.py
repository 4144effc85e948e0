"""What a month costs: the code's own use of AWS, counted, times a dated list of prices."""
