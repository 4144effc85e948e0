"""Close each merchant's days: reconcile with the ledger, seal, archive and announce.

app.py → tasks.py (the steps of the state machine) → rejection.py and lateness.py (which days and
merchants must not be closed) → passes.py (one pass over a range of merchants) → consolidate.py (one
merchant) → close_day.py (one day, from open to sealed); and sweep.py (the whole ledger, monthly).

Every task takes and returns JSON objects and may be repeated at any point, and two may run at the
same time: each version of a merchant's day is closed exactly once.
"""
