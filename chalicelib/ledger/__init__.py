"""The rules of the cash book: values in, values out; no store, no clock, no environment."""
