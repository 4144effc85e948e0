"""Real faults against a laptop cloud while entries are written: nothing lost, nothing doubled.

Processes are killed with -9 (never the emulator, which loses data by itself), stores are frozen,
flushed and slowed down, wires cut before and after the commit, poison put into the stream, nights
struck at each of their states. After each fault the drill waits until the system is well again by
itself; at the end everything that was accepted is held against what the service tells.
"""
