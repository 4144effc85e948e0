"""The HTTP API: with app.py, the only code that knows Chalice, headers and status codes.

A file for each resource holds its endpoints. `@endpoint` declares what an endpoint takes and
returns; requests are served and the OpenAPI document is built from this one declaration.
"""
