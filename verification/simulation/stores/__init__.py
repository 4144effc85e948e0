"""In-memory stores that behave as the real ones."""
