"""The read model's schema: plain SQL files in order, and the runner that applies them.

roles.sql runs at every migration, as a role that may create roles; each numbered file runs once, as
`livro_owner`, and is never changed afterwards.
"""
