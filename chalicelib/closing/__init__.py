"""Close each merchant's days: reconcile with the ledger, seal, archive and announce.

app.py → tasks.py (the steps of the state machine) → rejection.py and lateness.py (which days and
merchants must not be closed) → passes.py (one pass over a range of merchants) → consolidate.py (one
merchant) → close_day.py (one day, from open to sealed); and sweep.py (the whole ledger, monthly).

close_day.py uses reconcile.py (the day's rows are the ledger's), restore.py with openings.py and
signed_chain.py (the closings in PostgreSQL are the bucket's, and the opening follows from them),
draft.py (the next version), ledger/seals.py (its root) and outbox.py (the bucket and the events).

Every task takes and returns JSON objects and may be repeated at any point, and two may run at the
same time: each version of a merchant's day is closed exactly once.
"""
