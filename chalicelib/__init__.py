"""Livro Caixa: a merchant's cash book, by packages.

ledger         the rules of entries, money, days, balances, closings and seals; values in, values
               out, from the standard library alone
commands       the write side: record, reverse, erase and get entries in DynamoDB, with a cache in
               Redis; start a closing
projection     from the stream of DynamoDB to the read model in PostgreSQL; rebuild
queries        the read side: daily balances, lists of entries, cash flow and closings
statements     statements as files: CSV, XLSX, PDF, OFX, journal
bank_files     files that banks export, read as rows: OFX, CSV, CNAB 240
closing        reconcile, seal, archive and announce each merchant's days
api            the HTTP API; with app.py, the only code that knows Chalice
identity       token claims: Cognito's trigger, and the verification of tokens
migrations     the schema of the read model, in SQL
canary         an entry recorded every five minutes from outside, and its balance
storage        how entries and closings are stored in DynamoDB, PostgreSQL and S3
runtime        settings, clients, circuit breaker and IAM tokens; the only reader of the environment
observability  one JSON line per event, metrics and traces

Rooms use ledger, storage, runtime and observability, and never each other; api joins them.
"""
