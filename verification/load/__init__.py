"""Load: reads of daily balances while entries are written.

Arrival times are fixed in advance (an open loop), and a latency counts from the moment when the
request was due. A request that waits for a slow one before it is slow itself, so the load generator
hides nothing by waiting (no coordinated omission).
"""
