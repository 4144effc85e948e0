"""Files that banks export, read as rows: OFX 1.x and 2.x, CSV and TSV, CNAB 240.

`reader.read` takes the bytes of a file and returns its statements; `row_identity` gives the rows
their identities. All of it is pure and takes linear time; every row has exactly one outcome.
"""
