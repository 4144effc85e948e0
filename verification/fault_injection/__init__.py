"""Fault injection: real faults on a local cluster while entries are written.

Processes are killed with -9 (never the emulator, which keeps its tables in memory), stores are
frozen, flushed and slowed down, connections cut before and after the commit, invalid records put
into the stream, consolidation runs killed in each of their states. A fault counts if it struck
something. After each fault the command waits until the system has recovered without help. Every
response is compared with its request, and at the end everything accepted is compared with what the
service returns, before anything is repaired.
"""
