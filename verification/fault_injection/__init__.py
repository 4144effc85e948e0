"""Real faults against a laptop cloud while entries are written: nothing lost, nothing doubled.

Processes are killed with -9 (never the emulator, which loses data by itself), stores are frozen,
flushed and slowed down, wires cut before and after the commit, poison put into the stream, nights
struck at each of their states. A fault counts where it struck something. After each the drill waits
until the system is well again by itself. Every answer is held against what was sent, and at the end
everything that was accepted against what the service tells, before anything is repaired.
"""
