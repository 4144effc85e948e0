"""The read model as the night reads and seals it: PostgreSQL, as livro_closer."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.closing import statements as sql
from chalicelib.storage.postgres import Connections, sqlstate

if TYPE_CHECKING:
    from chalicelib.closing.day_state import DayState, Row
    from chalicelib.closing.differences import Difference
    from chalicelib.closing.ports import ClosingKey, MerchantDays, SealedClosing

# What only closing needs is loaded where it is used: planning and summing up begin without it.
PAGE = 50
_TAKEN = "23505"


class ClosingStore:
    """The read model of a deployment; every operation may be repeated."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def boundaries(self, parts: int) -> list[str]:
        """Return the first merchants of up to `parts` equal ranges, in order."""
        return [first for (first,) in self._rows(sql.BOUNDARIES, parts=parts)]

    def merchants(
        self, first: str, before: str | None, after: str | None, until: date
    ) -> "list[MerchantDays]":
        """Return up to 50 merchants, in order, with their changed days up to `until`."""
        from chalicelib.closing import answers

        values = {"first": first, "before": before, "after": after, "until": until, "page": PAGE}
        return answers.merchant_days(self._rows(sql.MERCHANTS, **values))

    def newest(self, merchant_id: str | None, limit: int) -> dict[str, datetime | None]:
        """Return when the newest entry was recorded that was taken in, merchant by merchant."""
        rows = dict(self._rows(sql.NEWEST, merchant=merchant_id, limit=limit))
        return rows or ({merchant_id: None} if merchant_id else {})

    def day_state(self, merchant_id: str, day: date) -> "DayState":
        """Return all of a day by one statement, so as of one moment."""
        from chalicelib.closing import answers

        rows = self._rows(sql.statement("day_state.sql"), merchant=merchant_id, day=day)[0][0]
        return answers.day_state(rows, merchant_id, day)

    def rows(self, entry_ids: Sequence[str]) -> "dict[str, Row]":
        """Return what stands under these ids."""
        from chalicelib.closing import answers

        result = self._rows(sql.ROWS, entry_ids=_array(entry_ids))
        matches = [answers.row(json.loads(one)) for (one,) in result]
        return {row.entry.entry_id: row for row in matches}

    def doubtful_days(
        self, merchants: Sequence[str], until: date, every: int
    ) -> "list[MerchantDays]":
        """Return days on which the read model contradicts itself or its closings."""
        from chalicelib.closing import answers

        values = {"merchants": _array(merchants), "until": until, "every": every}
        return answers.merchant_days(self._rows(sql.statement("inconsistent_days.sql"), **values))

    def note(
        self, state: "DayState", found: "Sequence[Difference]", run: str, at: datetime
    ) -> None:
        """Keep what differed, once for each line and version."""
        lines = [[one.what, one.name, one.currency, json.dumps(one.differed)] for one in found]
        self._rows(
            sql.NOTE,
            merchant=state.merchant_id,
            day=state.day,
            version=state.newest["version"] if state.newest else 0,
            found=json.dumps(lines),
            run=run,
            at=at,
        )

    def unmark(self, merchant_id: str, day: date, mark: int) -> None:
        """Forget that a day changed, unless it changed again."""
        self._rows(sql.UNMARK, merchant=merchant_id, day=day, mark=mark)

    def record(self, sealed: "SealedClosing") -> bool:
        """Insert a closing by one statement; False where its version or number is taken."""
        try:
            self._rows(sql.statement("record_closing.sql"), **_values(sealed))
        except Exception as error:
            if sqlstate(error) == _TAKEN:
                return False
            raise
        return True

    def undelivered(self, merchants: Sequence[str]) -> "list[ClosingKey]":
        """Return the closings of these merchants that may not be archived and announced."""
        rows = self._rows(sql.UNDELIVERED, merchants=_array(merchants))
        return [(merchant_id, sequence) for merchant_id, sequence in rows]

    def closing(self, key: "ClosingKey") -> tuple[Mapping[str, Any], list[bytes]]:
        """Return a closing as published, with the leaves that its entries make now."""
        from chalicelib.closing import answers
        from chalicelib.ledger.seals import leaves_of

        published, rows = self._rows(sql.CLOSING, merchant=key[0], sequence=key[1])[0]
        return json.loads(published), leaves_of(
            answers.row(result).entry for result in json.loads(rows)
        )

    def delivered(self, keys: "Sequence[ClosingKey]") -> None:
        """Remember that these closings are archived and announced."""
        merchants, sequences = _array(key[0] for key in keys), _array(str(key[1]) for key in keys)
        self._rows(sql.DELIVERED, merchants=merchants, sequences=sequences)

    def counts(self, run: str) -> tuple[int, int]:
        """Return how many closings and repairs a run made."""
        closed, repaired = self._rows(sql.COUNTS, run=run)[0]
        return closed, repaired

    def keep_key(self, key_id: str, public_key: str) -> None:
        """Keep the public half of a signing key, in PEM; what is kept already stays."""
        self._rows(sql.KEEP_KEY, key_id=key_id, public_key=public_key)

    def _rows(self, asked: str, **values: Any) -> list[list[Any]]:
        return self._connections.use(lambda session: session.rows(asked, **values))


def _values(sealed: "SealedClosing") -> dict[str, Any]:
    from chalicelib.ledger.encoding import canonical_json

    item, effects = sealed.item, sealed.effects
    return {
        **{name: item[name] for name in ("merchant", "day", "version", "sequence")},
        **{name: item[name] for name in ("root", "key_id")},
        "published": canonical_json(item).decode(),
        "run": sealed.run,
        "mark": sealed.mark,
        "added": _array(sealed.added),
        "currencies": _array(line.currency for line in effects),
        "accounts": _array(line.account for line in effects),
        "nets": _array(str(line.totals.net_minor) for line in effects),
        "counts": _array(str(line.totals.entries) for line in effects),
    }


def _array(values: Iterable[str]) -> str:
    # Ids, slugs and numbers: none holds a quote, a backslash or a comma.
    return "{" + ",".join(f'"{value}"' for value in values) + "}"
