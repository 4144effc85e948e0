"""Statements (extratos) as files: the entries and balances of a range of days.

`chalicelib.ledger.statement` has the content; `csv_file`, `xlsx_file`, `pdf_file`, `book_file`,
`ofx_file` and `journal_file` each write it in one format. All are pure: a statement in, bytes out.
"""
