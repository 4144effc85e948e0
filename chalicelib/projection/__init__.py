"""From the ledger's stream into the read model: each entry takes effect exactly once.

Only PostgreSQL decides what is new; Redis saves it work and may lose everything. A record that can
never succeed is sent whole to a queue of dead letters. Any other failure is raised, so that the
stream delivers the batch again.
"""
