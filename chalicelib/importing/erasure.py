"""Erase an entry's texts from everything that imports store of it (LGPD, article 18).

Rows of the entry are found by their identity in all previews of the merchant that still exist,
whichever import they belong to. The file itself is deleted, because it has the text, too.
"""

from chalicelib.importing.ports import ImportBucket
from chalicelib.importing.preview_row import (
    PreviewRow,
    without_candidate_text,
    without_texts,
)
from chalicelib.importing.stored_rows import packed_rows, unpacked_rows


def erase_texts(
    bucket: ImportBucket, merchant_id: str, entry_id: str, identity: str | None
) -> None:
    """Remove the texts of an entry; `identity` is that of the row it was recorded from, if any.

    Raises ImportBucketUnavailableError; repeating it continues.
    """
    for folder in (f"previews/{merchant_id}/", f"recording/{merchant_id}/"):
        for name in bucket.names(folder):
            page = name.rpartition("/")[2]
            if page.startswith(("rows-", "same-")):
                _erase_from(bucket, name, entry_id, identity)


def _erase_from(bucket: ImportBucket, name: str, entry_id: str, identity: str | None) -> None:
    def without(content: bytes) -> bytes | None:
        rows = unpacked_rows(content)
        erased = [_erased(row, entry_id, identity) for row in rows]
        if erased == rows:
            return None
        # The file first: once the rows are erased, a repetition would not look for it.
        bucket.delete([f"{name.rpartition('/')[0]}/file"])
        return packed_rows(erased)

    bucket.change(name, without)


def _erased(row: PreviewRow, entry_id: str, identity: str | None) -> PreviewRow:
    if row.entry_id == entry_id or (identity is not None and row.identity == identity):
        row = without_texts(row)
    if any(each.entry_id == entry_id for each in row.candidates):
        row = without_candidate_text(row, entry_id)
    return row
