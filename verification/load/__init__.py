"""Load on the daily balances while entries are written: what is answered, how fast, and how much.

Arrival times are fixed in advance (an open loop), and a latency counts from the moment when the
request was due: one that waits for a slow one before it is slow itself, so nothing is left out by
coordination between the load and what it measures.
"""
