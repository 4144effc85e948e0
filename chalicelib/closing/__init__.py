"""The night: reconcile each merchant's days with the ledger, close, seal, archive, announce.

What the state machine calls, dict in, dict out. Every task may be repeated at any point, and two
may run side by side: each merchant and day ends with exactly one closing of each version.
"""
