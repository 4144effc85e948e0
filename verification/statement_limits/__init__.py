"""Statement limits: what the statements of routes and nightly runs may read of a large read model.

A read model of five years is seeded into a temporary PostgreSQL. Each operation of the product that
uses PostgreSQL is called once, and each of its statements is first explained, with plans for its
values and with generic plans, as a prepared statement has after five executions. An operation that
reads more blocks or takes longer than its limit fails, and so does a statement of the product's
code that no operation sent.
"""
