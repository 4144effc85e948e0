"""The canary: every five minutes an entry by the way that merchants take, followed to the balance.

It knows the service from outside alone: a machine client with a merchant of its own, HTTP, and the
contract. What it records it reverses, so that its book stays at zero.
"""
