"""Livro Caixa: a merchant's cash book. Its packages:

ledger          the rules: entries, money, days, balances, closings, seals; standard library only
commands        the write side: record, reverse, erase, read one entry, start a closing
projection      from the ledger's stream to the read model; rebuild of the read model
queries         the read side: daily balances, entry lists, cash flow, closings
closing         the consolidation: compare, repair, close, seal, archive and announce days
api             the HTTP API; with app.py the only code that imports Chalice
identity        merchant and scopes in Cognito's tokens; token verification for `chalice local`
storage         how entries are stored: DynamoDB items, PostgreSQL rows and connections
migrations      the read model's schema, in SQL
runtime         settings, clients, IAM tokens, circuit breaker; reads the environment
observability   one JSON line per request, metrics, traces
canary          an entry every five minutes, through the public API

The others import ledger, storage, runtime and observability, but, except for api, not each other;
pyproject.toml has the rules.
"""
