"""What the first invocation of each function costs in CPU time, from the bundle that is shipped.

Beside it stands what its own libraries cost: a process that loads the same modules of others, makes
the same clients and makes the same calls by them, and does nothing else.
"""
