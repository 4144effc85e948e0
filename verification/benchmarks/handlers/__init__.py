"""The same two operations as one would write them in other frameworks, with the same models."""
