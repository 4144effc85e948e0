"""Statements (extratos): the entries and balances of a range of days, as files.

`statement` builds the content, `csv_file`, `xlsx_file`, `pdf_file`, `ofx_file` and `journal_file`
each write it in one format. Everything here is pure: a statement in, bytes out.
"""
