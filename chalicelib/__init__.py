"""Livro Caixa: a merchant's cash book, by packages.

ledger         the rules of entries, money, days, balances, closings and seals; values in, values
               out, from the standard library alone
commands       the write side: record, reverse, erase and get entries in DynamoDB, with a cache in
               Redis; start a closing
projection     from the stream of DynamoDB to the read model in PostgreSQL; rebuild
queries        the read side: daily balances, lists of entries, cash flow and closings
statements     statements as files: CSV, XLSX, PDF, OFX, journal
bank_files     files that banks export, read as rows: OFX, CSV, CNAB 240
importing      bank files: preview, decisions, recording, undo; what it writes goes through commands
closing        reconcile, seal, archive and announce each merchant's days
api            the HTTP API; with app.py, the only code that knows Chalice
pages          the dashboard and the API's documentation in a browser: scripts and styles
identity       token claims: Cognito's trigger, and the verification of tokens
migrations     the schema of the read model, in SQL
canary         an entry recorded every five minutes from outside, and its balance
storage        how entries and closings are stored in DynamoDB, PostgreSQL and S3
runtime        settings, clients, circuit breaker and IAM tokens; the only reader of the environment
observability  one JSON line per event, metrics and traces

Packages use ledger, storage, runtime and observability, and not each other; only importing uses
bank_files. api joins them. The `ports.py` of a package declares what it needs of stores, and its
`wiring.py` makes that for a process; the simulation makes it in memory.
"""
