"""Cold starts: the CPU time of each function's first invocation, from the bundle for Lambda.

Each is compared with its libraries alone: a process that imports the same third-party modules,
creates the same clients and makes the same calls, and does nothing else.
"""
