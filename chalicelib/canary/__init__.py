"""The canary: every five minutes it records an entry as clients do and looks for it in the balance.

It uses only what clients have: a machine client with its own merchant, HTTP, and the contract. It
reverses what it records, so that its balance stays at zero.
"""
