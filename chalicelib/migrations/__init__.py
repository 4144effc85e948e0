"""The read model's schema: plain SQL files in order, and the runner that applies them.

roles.sql is run at every migration by whoever may make roles; the numbered files are run once each
as `livro_owner` and never changed afterwards.
"""
