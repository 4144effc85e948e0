"""Livro Caixa: a merchant's cash book, by rooms.

ledger          the words and the rules, from the standard library alone
entry_items     how an entry stands in the DynamoDB table
key_reads       items of that table by their ids
entry_rows      how an entry's row in the read model is told
commands        the write side: record, reverse, look up, on DynamoDB, with Redis as fast memory
projection      the way of an event: DynamoDB stream to PostgreSQL, one round trip a batch; rebuild
queries         the read side: daily balances, lists and cash flow from PostgreSQL
migrations      the read model's schema, in plain SQL
consolidation   the night: reconcile, close, seal and keep each merchant's days
identity        who asks: what Cognito puts into a token
canary          an entry every five minutes by the way that merchants take
api             the HTTP API; with app.py the only code that knows Chalice
postgres        connections to the read model: kept warm, given back, thrown away when in doubt
settings, clients, sign_in_tokens, observability, breaker
                the only readers of the environment, makers of clients and of tokens for the
                stores, writers of logs and traces, and the rule for leaving a dead store alone
"""
