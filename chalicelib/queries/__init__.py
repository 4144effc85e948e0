"""The read side: balances, lists of entries, cash flow and closings, from PostgreSQL alone."""
