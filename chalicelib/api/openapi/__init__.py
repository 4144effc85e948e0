"""The OpenAPI 3.1 document, built from app.py's routes and the `@endpoint` declarations."""
