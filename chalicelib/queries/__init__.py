"""The read side: daily balances, lists of entries and cash flow, from PostgreSQL alone."""
