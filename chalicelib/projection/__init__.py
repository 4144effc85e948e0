"""The way of an event: from the ledger's stream to the read model, exactly once in effect.

PostgreSQL alone decides what is new. Redis may save it work and may forget; what can never succeed
goes to a queue, whole; whatever may succeed later is raised, so that the stream brings it again.
"""
