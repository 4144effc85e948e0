"""Imports of bank files: a preview of a file's rows, decisions, recording, undo, the tie-out.

Rules as values (`preview`, `decisions`, `tie_out`), and the use cases over ports (`create`,
`decide`, `recording`, `undo`): an import is stored before its first entry, so each continues where
it stopped. Only texts are in the bucket, which forgets them; the import itself is kept.
"""
