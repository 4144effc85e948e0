"""The read side: balances, lists of entries, cash flow and closings.

All are read from PostgreSQL alone, except the newest closing as it is retained (S3) and the status
of a consolidation (Step Functions).
"""
