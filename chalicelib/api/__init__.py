"""The edge to HTTP: with app.py the only code that knows Chalice, JSON, headers and statuses."""
