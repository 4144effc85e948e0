"""The words and rules: values in, values out; no store, no clock, no environment."""
