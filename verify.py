"""Check saved closings of Livro Caixa: what is valid, what is not, and what was not checked.

  --keys      GET /v1/closings/public-keys              the keys to trust
  --closings  GET /v1/closings/{day}                    every version of a day, all pages
  --leaves    GET /v1/closings/{day}/{version}/leaves   the entries of a closing, all pages, with
              or without ?texts=true
  --proof     GET /v1/closings/{day}/proof?entry=...    one entry's path to a signed root
  --head      GET /v1/closings/head, kept as it was     the end of the chain at that time

Exit code: 0 everything is valid, 1 something is not, 2 a file or an option is unusable, 3 the
package `cryptography` is missing. docs/seals.md describes the format.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Item = dict[str, Any]
Sums = dict[tuple[str, str], tuple[Decimal, ...]]
Version = tuple[str, str, str]
Leaves = dict[Version, list[Item]]

AMOUNTS = ("opening", "credits", "debits", "closing", "entries")
NOTHING = (Decimal(0),) * len(AMOUNTS)
NOT_IN_HEADER = ("entries_root", "root", "signature", "key_id")
STATEMENT = ("merchant", "day", "version", "sequence", "root")
SEAL = ("signature", "key_id")
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError)
PAGE = {"items", "next_cursor"}
REVERSED = ("type", "amount", "currency", "account")
FIRST_ZONE = timezone(timedelta(hours=14))
"""The time zone whose days end first of all."""
SKEW = timedelta(seconds=5)
"""By how much the clocks of two of the service's machines may differ."""


class UnreadableError(Exception):
    """A file does not have the form that its option requires."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the checks of a command line and return the exit code."""
    options = _options(argv)
    try:
        count = sum(_print(subject, errors) for subject, errors in checks(options))
    except UnreadableError as error:
        print(f"cannot read {_plain(error)}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"{error}; install it by: pip install cryptography", file=sys.stderr)
        return 3
    errors = "1 error" if count == 1 else f"{count} errors"
    print(f"INVALID: {errors}." if count else "Valid: everything that was given.")
    return 1 if count else 0


def checks(options: argparse.Namespace) -> Iterator[tuple[str, list[str]]]:
    """Yield each subject with its errors; later checks use only what is valid."""
    keys = read_keys(options.keys)
    given = [item for path in options.closings for item in load_closings(path)]
    pages = _joined(options.leaves)
    proofs, heads = [load(path) for path in options.proof], list(map(load_head, options.head))
    merchant = options.merchant or str([*heads, *given, *proofs, {}][0].get("merchant"))
    valid: dict[bytes, Item] = {}
    for item in given:
        errors = _collected(closing_errors(item, merchant, keys, options.time_zone))
        yield f"closing of {_name(item)}", errors
        valid |= {} if errors else {canonical(item): item}
    closings = sorted(valid.values(), key=lambda item: int(item["sequence"]))
    leaves: Leaves = {}
    bare = yield from _leaves_checked(pages, closings, leaves)
    chain = [item for item in closings if item["sequence"] >= options.since]
    if given:
        broken = _collected(chain_errors(chain, options.since))
        yield "the chain of closings", broken
        start = chain[0]["sequence"] if chain else options.since
        yield "the versions of each day", _collected(version_errors(closings, leaves, start))
        yield "the entries of all days", _collected(entry_errors(closings, leaves))
        if not broken:
            openings = [
                *_collected(opening_errors(chain)),
                *_collected(unsealed_errors(chain, leaves)),
            ]
            yield "the opening balances", openings
    for proof in proofs:
        subject = f"proof of entry {proof.get('entry')} in {_name(proof)}"
        yield subject, _collected(proof_errors(proof, merchant, keys, closings))
    for head in heads:
        yield f"head, {_name(head)}", _collected(head_errors(head, merchant, keys, closings))
    for note in unchecked(closings, leaves, heads, bare):
        print(f"note   {note}")


def closing_errors(
    item: Item, merchant: str, keys: dict[str, Any], zone: tzinfo = FIRST_ZONE
) -> Iterator[str]:
    """Yield errors of a closing alone: signature, root, time, arithmetic."""
    yield from signature_errors(item, merchant, keys)
    if item["format"] != 1:
        yield "its format is not 1"
    if node(header_hash(item), bytes.fromhex(item["entries_root"])).hex() != item["root"]:
        yield "it does not hash to its root: a field was changed"
    if (item["version"] == 1) != (item["changes"] is None):
        yield "it must have changes from version 2 on, and only then"
    if (item["sequence"] == 1) != (item["previous_root"] is None):
        yield "it must have a previous_root from sequence 2 on, and only then"
    end = datetime.combine(date.fromisoformat(item["day"]) + timedelta(days=1), time(), zone)
    if _instant(item["closed_at"]) < end:
        yield f"it was closed at {item['closed_at']}, before its day was over"
    yield from _amount_errors(item)
    lines = _lines(item["balances"])
    for key, (opening, credit, debit, closing, _) in lines.items():
        if opening + credit - debit != closing:
            yield f"{' '.join(key)}: closing is not opening + credits - debits"
    if len(lines) != len(item["balances"]):
        yield "an account and currency occurs twice"
    if sum(line[4] for line in lines.values()) != item["entries"]:
        yield "its balances do not add up to its number of entries"


def _amount_errors(item: Item) -> Iterator[str]:
    """Yield amounts of a closing that are not written as one, and totals below zero."""
    for line in item["balances"]:
        for name in ("opening", "unsealed", "credits", "debits", "closing"):
            if not _is_amount(line[name], negative=name in ("opening", "unsealed", "closing")):
                yield f"its {name} {line[name]} is not an amount"
        if line["entries"] < 0:
            yield f"its number of entries {line['entries']} is below zero"
    for line in item["changes"]["effect"] if item["changes"] else ():
        for name in ("opening", "credits", "debits", "closing"):
            if not _is_amount(line[name], negative=True):
                yield f"its {name} {line[name]} is not an amount"


def signature_errors(item: Item, merchant: str, keys: dict[str, Any]) -> Iterator[str]:
    """Yield errors of a merchant, key or signature."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.hashes import SHA256

    if item["merchant"] != merchant:
        yield f"its merchant is {item['merchant']}, not {merchant}"
    if item["key_id"] not in keys:
        yield f"its key {item['key_id']} is not in --keys"
        return
    signature = base64.b64decode(item["signature"], validate=True)
    if base64.b64encode(signature).decode() != item["signature"]:
        yield "its signature is not the base64 of its bytes"
    statement = b"livro-caixa/statement/1\n" + canonical({name: item[name] for name in STATEMENT})
    digest = hashlib.sha256(statement).digest()
    try:
        keys[item["key_id"]].verify(signature, digest, ec.ECDSA(utils.Prehashed(SHA256())))
    except InvalidSignature:
        yield "its signature does not match its merchant, day, version, sequence and root"


def leaf_errors(name: Version, leaves: list[Item], item: Item | None) -> Iterator[str]:
    """Yield errors of the leaves of a closing."""
    if item is None:
        yield f"no valid closing of merchant {name[0]} was given to check them against"
        return
    for entry, times in Counter(leaf["entry"] for leaf in leaves).items():
        if times > 1:
            yield f"entry {entry} occurs {times} times"
    for leaf in leaves:
        if leaf["day"] != item["day"]:
            yield f"entry {leaf['entry']} has day {leaf['day']}, another one than its closing"
        if not _is_amount(leaf["amount"]) or not Decimal(leaf["amount"]):
            yield f"entry {leaf['entry']} has {leaf['amount']}, which is not an amount"
        if _instant(leaf["recorded_at"]) > _instant(item["closed_at"]) + SKEW:
            yield f"entry {leaf['entry']} was recorded after the day was closed"
    if len(leaves) != item["entries"]:
        yield f"there are {len(leaves)} of {item['entries']} leaves (were all pages given?)"
    stated = {key: (line[1], line[2], line[4]) for key, line in _lines(item["balances"]).items()}
    summed = _added_up(leaves)
    for key in sorted(stated | summed):
        if stated.get(key, NOTHING[:3]) != summed.get(key, NOTHING[:3]):
            yield f"{' '.join(key)}: the leaves do not add up to credits, debits and entries"
    ordered = sorted(leaves, key=lambda leaf: str(leaf["entry"]))
    if tree_root([leaf_hash(leaf) for leaf in ordered]).hex() != item["entries_root"]:
        yield "the leaves do not hash to entries_root: one was changed, removed, added or moved"


def _leaves_checked(
    pages: Leaves, closings: list[Item], leaves: Leaves
) -> Generator[tuple[str, list[str]], None, int]:
    """Yield each closing's leaves and texts with their errors, and add valid ones to `leaves`.

    Returns how many of these have no text.
    """
    bare = 0
    for name, page in pages.items():
        texts = _without_texts(page)
        sealed = next((closing for closing in closings if name in _names(closing)), None)
        errors = _collected(leaf_errors(name, page, sealed))
        version = _version(sealed) if sealed else name
        yield f"leaves of day {version[1]} version {version[2]}", errors
        if not errors:
            leaves[version] = page
            bare += len(page) - len(texts)
            yield from _texts_checked(version, texts)
    return bare


def _texts_checked(
    version: Version, texts: list[tuple[Item, Item]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield a closing's texts with their errors, at most one each; nothing without texts."""
    errors = [error for pair in texts for error in _collected(text_errors(*pair))]
    if texts:
        matching = f"{len(texts) - len(errors)} of {len(texts)} match"
        yield f"texts of day {version[1]} version {version[2]}, {matching}", errors


def text_errors(leaf: Item, text: Item) -> Iterator[str]:
    """Yield the error of a text that is not what its leaf's digest was made of."""
    if text_digest(text) != leaf["text_digest"]:
        yield f"entry {leaf['entry']} has another text than the digest in its leaf says"
    elif unproven := text.keys() - {"salt", "description", "metadata"}:
        yield f"the digest of entry {leaf['entry']} does not prove its {sorted(unproven)}"


def chain_errors(chain: list[Item], since: int) -> Iterator[str]:
    """Yield missing and repeated sequence numbers, and roots that do not follow each other."""
    if chain and chain[0]["sequence"] > since > 0:
        yield f"sequence {since} to {chain[0]['sequence'] - 1} is missing or invalid"
    for before, item in pairwise(chain):
        last, number = before["sequence"], item["sequence"]
        if number == last:
            yield f"sequence {number} occurs twice: {_name(before)} and {_name(item)}"
        elif number > last + 1:
            yield f"sequence {last + 1} to {number - 1} is missing or invalid"
        elif item["previous_root"] != before["root"]:
            yield f"sequence {number} does not name the root of sequence {last}"
        elif _instant(item["closed_at"]) + SKEW < _instant(before["closed_at"]):
            yield f"sequence {number} was closed before sequence {last}"


def version_errors(closings: list[Item], leaves: Leaves, start: int) -> Iterator[str]:
    """Yield missing and repeated versions, and wrong changes.

    Before the sequence number `start` not all closings are given, so versions may be missing there.
    """
    days: dict[str, list[Item]] = {}
    for item in closings:
        days.setdefault(item["day"], []).append(item)
    for day, items in days.items():
        gaps = [1 - items[0]["version"] if start == 1 else 0]
        for before, item in pairwise(items):
            gap = item["version"] - before["version"] - 1
            gaps.append(gap if before["sequence"] >= start else min(gap, 0))
            if gap == 0 and item["changes"]:
                yield from (f"{_name(item)}: {error}" for error in _change(before, item, leaves))
        if any(gaps):
            numbers = [item["version"] for item in items]
            yield f"day {day} must have versions from 1 on, in sequence, not {numbers}"


def entry_errors(closings: list[Item], leaves: Leaves) -> Iterator[str]:
    """Yield entries on two days or reversed twice, wrong reversals, and amounts of two forms."""
    entries: dict[str, Item] = {}
    reversals: dict[str, str] = {}
    for leaf in (leaf for page in leaves.values() for leaf in page):
        first = entries.setdefault(leaf["entry"], leaf)
        if first["day"] != leaf["day"]:
            yield f"entry {leaf['entry']} is on two days: {first['day']} and {leaf['day']}"
        if leaf["reverses"] is not None:
            reversal = reversals.setdefault(leaf["reverses"], leaf["entry"])
            if reversal != leaf["entry"]:
                yield f"entry {leaf['reverses']} is reversed twice: {reversal} and {leaf['entry']}"
    for reversed_entry, reversal in reversals.items():
        leaf = entries[reversal]
        target = entries.get(reversed_entry, {**leaf, "type": None})
        if any((leaf[name] == target[name]) == (name == "type") for name in REVERSED):
            yield f"entry {reversal} does not undo entry {reversed_entry}"
    yield from _form_errors(closings, entries.values())


def _form_errors(closings: list[Item], leaves: Iterable[Item]) -> Iterator[str]:
    """Yield currencies whose amounts have different numbers of decimal places."""
    lines = (line for item in closings for line in item["balances"])
    amounts = [(line["currency"], line["closing"]) for line in lines]
    amounts += [(leaf["currency"], leaf["amount"]) for leaf in leaves]
    places: dict[str, set[int]] = {}
    for currency, amount in amounts:
        places.setdefault(currency, set()).add(len(amount.partition(".")[2]))
    for currency, numbers in places.items():
        if len(numbers) > 1:
            yield f"{currency} has amounts with {sorted(numbers)} decimal places"


def _change(before: Item, item: Item, leaves: Leaves) -> Iterator[str]:
    added = item["changes"]["added"]
    count = item["changes"].get("added_count") if added is None else len(set(added))
    effect = _minus(_lines(item["balances"]), _lines(before["balances"]))
    if effect != _minus(_lines(item["changes"]["effect"]), {}):
        yield f"its effect is not the difference from version {before['version']}"
    if item["entries"] - before["entries"] != count:
        yield f"its number of added entries is not the difference from version {before['version']}"
    if {_version(before), _version(item)} <= leaves.keys():
        was, now = ({leaf["entry"]: leaf for leaf in leaves[_version(i)]} for i in (before, item))
        if added is not None and added != sorted(now.keys() - was.keys()):
            yield "its added entries are not the leaves that the version before lacks"
        for entry in (entry for entry in was if now.get(entry) != was[entry]):
            yield f"entry {entry} was changed or removed since version {before['version']}"


def opening_errors(chain: list[Item]) -> Iterator[str]:
    """Yield openings that differ from the sealed effects of earlier days plus their unsealed part.

    Without sequence 1, the opening of the first closing of a new day is trusted, and closings of
    earlier days are not checked.
    """
    start: Sums | None = {} if chain and chain[0]["sequence"] == 1 else None
    new_days = (item["day"] for item in chain if item["version"] == 1)
    first = "" if start is not None else min(new_days, default="9999")
    total: Sums = {}
    sealed: list[tuple[str, Sums]] = []
    for item in chain:
        if item["day"] >= first:
            before = reduce(_minus, (net for day, net in sealed if day >= item["day"]), total)
            rest = _minus(_pick(item["balances"], "opening", "unsealed"), before)
            start = rest if start is None else start
            for key, (off,) in _minus(rest, start).items():
                yield f"{_name(item)}: {' '.join(key)} opening is {off} off what was sealed"
        effect = item["changes"]["effect"] if item["changes"] else item["balances"]
        sealed.append((item["day"], _pick(effect, "credits", "debits")))
        total = _minus(total, _minus({}, sealed[-1][1]))


def unsealed_errors(chain: list[Item], leaves: Leaves) -> Iterator[str]:
    """Yield unsealed parts of openings that no later closings of earlier days hold.

    Their leaves are needed; see unchecked().
    """
    for item, later in _unsealed(chain):
        if all(_needed(each) <= leaves.keys() for each in later):
            added = [leaf for each in later for leaf in _added(each, leaves)]
            known = [leaf for leaf in added if leaf["recorded_at"] <= item["closed_at"]]
            held: Sums = {key: (sums[0] - sums[1],) for key, sums in _added_up(known).items()}
            for key, (off,) in _minus(_pick(item["balances"], "unsealed"), held).items():
                yield f"{_name(item)}: {' '.join(key)} unsealed is {off} off what was sealed later"


def _unsealed(chain: list[Item]) -> Iterator[tuple[Item, list[Item]]]:
    """Yield closings with unsealed openings, each with the later closings of earlier days."""
    for index, item in enumerate(chain):
        if any(Decimal(line["unsealed"]) for line in item["balances"]):
            yield item, [each for each in chain[index + 1 :] if each["day"] < item["day"]]


def _needed(item: Item) -> set[Version]:
    """Return the versions whose leaves show what a closing added; large changes do not list it."""
    unnamed = item["changes"] and item["changes"]["added"] is None
    return {_version(item), _before(item)} if unnamed else {_version(item)}


def _added(item: Item, leaves: Leaves) -> list[Item]:
    own = leaves[_version(item)]
    if not item["changes"]:
        return own
    named = item["changes"]["added"]
    if named is None:
        before = {leaf["entry"] for leaf in leaves[_before(item)]}
        return [leaf for leaf in own if leaf["entry"] not in before]
    return [leaf for leaf in own if leaf["entry"] in set(named)]


def _before(item: Item) -> Version:
    return _version({**item, "version": item["version"] - 1})


def proof_errors(
    proof: Item, merchant: str, keys: dict[str, Any], closings: list[Item]
) -> Iterator[str]:
    """Yield errors of the proof that an entry is in a closing."""
    yield from signature_errors(proof, merchant, keys)
    if unproven := proof.keys() - {*STATEMENT, *SEAL, "entry", "leaf", "path"}:
        yield f"it does not prove its fields {sorted(unproven)}"
    leaf = proof["leaf"]
    if (leaf["entry"], leaf["day"]) != (proof["entry"], proof["day"]):
        yield f"its leaf is entry {leaf['entry']} of day {leaf['day']}"
    hashed = leaf_hash(leaf)
    for step in proof["path"]:
        sibling, side = bytes.fromhex(step["hash"]), ("left", "right").index(step["side"])
        hashed = node(hashed, sibling) if side else node(sibling, hashed)
    if hashed.hex() != proof["root"]:
        yield "its leaf and path do not lead to its root"
    for item in closings:
        if _version(item) == _version(proof) and item["root"] != proof["root"]:
            yield "the closing of that version has another root"


def head_errors(
    head: Item, merchant: str, keys: dict[str, Any], closings: list[Item]
) -> Iterator[str]:
    """Yield errors of the head, and whether the closings lead to it."""
    is_closing = "entries_root" in head
    yield from (closing_errors if is_closing else signature_errors)(head, merchant, keys)
    yield from () if is_closing else _unproven(head, keys, closings)
    first, last = (closings[place]["sequence"] if closings else 0 for place in (0, -1))
    if 0 < last < head["sequence"]:
        yield f"the closings end with sequence {last}; {last + 1} to {head['sequence']} are missing"
    elif first <= head["sequence"] <= last and head["root"] not in {i["root"] for i in closings}:
        yield "the closings continue past its sequence without it: the chain was replaced"


def _unproven(head: Item, keys: dict[str, Any], closings: list[Item]) -> Iterator[str]:
    """Yield fields of a head that neither its signature nor the closing with its root prove."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    closing = next((item for item in closings if item["root"] == head["root"]), {})
    for name in sorted(head.keys() - {*STATEMENT, *SEAL, "public_key"}):
        if name not in closing or head[name] != closing[name]:
            yield f"nothing proves its {name}"
    public_key = load_pem_public_key(head["public_key"].encode()) if "public_key" in head else None
    if public_key and keys.get(head["key_id"], public_key) != public_key:
        yield "its public_key is not the key of that id in --keys"


def unchecked(
    closings: list[Item], leaves: Leaves, heads: list[Item], bare: int = 0
) -> Iterator[str]:
    """Yield what could not be checked because it was not given; `bare` leaves have no text."""
    missing = sum(_version(item) not in leaves for item in closings)
    if closings and closings[0]["sequence"] > 1:
        yield f"closings before sequence {closings[0]['sequence']} were not given"
    if missing:
        yield f"{missing} of {len(closings)} closings have no valid leaves: entries not checked"
    if closings and not heads:
        yield "no --head was given: missing closings at the end cannot be detected"
    if bare:
        yield f"{bare} leaves have no text (erased, or saved without texts=true): not compared"
    early = [head["sequence"] for head in heads if closings and _is_before(head, closings[0])]
    if early:
        yield f"the closings begin after the heads {early}: whether they continue them is not known"
    for item, later in _unsealed(closings):
        if not all(_needed(each) <= leaves.keys() for each in later):
            yield f"{_name(item)}: its unsealed opening needs the leaves of later closings"


def leaf_hash(leaf: Item) -> bytes:
    """Return the hash of an entry's leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00livro-caixa/leaf/1\n" + canonical(leaf)).digest()


def text_digest(text: Item) -> str:
    """Return the salted digest of an entry's texts (HMAC-SHA-256, base64url)."""
    content = canonical({"description": text["description"], "metadata": text["metadata"]})
    digest = hmac.digest(text["salt"].encode(), content, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def header_hash(item: Item) -> bytes:
    """Return the hash of a closing without roots, signature and key."""
    header = {name: value for name, value in item.items() if name not in NOT_IN_HEADER}
    return hashlib.sha256(b"\x02livro-caixa/header/1\n" + canonical(header)).digest()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a tree, split at the largest power of two below its size."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256().digest()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node(tree_root(hashes[:split]), tree_root(hashes[split:]))


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def canonical(value: Item) -> bytes:
    """Return the canonical form of an object: RFC 8785, but in ASCII, with escapes as in JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def read_keys(path: str) -> dict[str, Any]:
    """Read the public keys (P-256, in PEM) by their key_id."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        keys = {name: load_pem_public_key(pem.encode()) for name, pem in load(path)["keys"].items()}
    except MALFORMED as error:
        raise UnreadableError(f"{path}: it must map key_id to keys in PEM ({error!r})") from None
    for key in keys.values():
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise UnreadableError(f"{path}: its keys must be on the curve P-256")
    return keys


def load_closings(path: str) -> list[Item]:
    """Read a day's closings, or a single one from the bucket."""
    content = load(path)
    if "items" in content and not content.keys() <= PAGE:
        raise UnreadableError(f"{path}: it must have only items; nothing proves another field")
    items = _items(path, content.get("items", [content]))
    if not items:
        raise UnreadableError(f"{path}: it must have at least one closing")
    return items


def load_head(path: str) -> Item:
    """Read the newest closing, which may be the only item of a list."""
    items = load_closings(path)
    if len(items) > 1:
        raise UnreadableError(f"{path}: --head needs one closing, not a list of {len(items)}")
    return items[0]


def _items(path: str, items: Any) -> list[Item]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableError(f"{path}: its items must be a list of objects, as the API returns")
    return items


def load(path: str) -> Item:
    """Read a JSON object strictly: UTF-8, unique keys, whole numbers."""
    try:
        text = Path(path).read_bytes().decode()
        result = json.loads(text, object_pairs_hook=_once, parse_float=_no, parse_constant=_no)
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableError(f"{path}: {error}") from None
    if not isinstance(result, dict):
        raise UnreadableError(f"{path}: it must be a JSON object, as the API returns")
    return result


def _once(pairs: list[tuple[str, Any]]) -> Item:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object has a key twice")
    return result


def _no(number: str) -> None:
    raise ValueError(f"{number[:40]} is not a whole number")


def _joined(paths: Iterable[str]) -> Leaves:
    pages: Leaves = {}
    for path in paths:
        page = load(path)
        place = {"merchant", "day", "items", "version" if "version" in page else "entries_root"}
        if not place <= page.keys() <= place | PAGE:
            raise UnreadableError(
                f"{path}: it must have merchant, day, items, and version or entries_root; "
                "nothing proves another field"
            )
        name = (
            str(page["merchant"]),
            str(page["day"]),
            str(page.get("version", page.get("entries_root"))),
        )
        pages.setdefault(name, []).extend(_items(path, page["items"]))
    return pages


def _without_texts(page: list[Item]) -> list[tuple[Item, Item]]:
    """Remove the texts, which are no part of leaves; return each leaf that had one with it."""
    pairs = [(leaf, leaf.pop("text", None)) for leaf in page]
    return [(leaf, text) for leaf, text in pairs if text is not None]


def _collected(errors: Iterator[str]) -> list[str]:
    result: list[str] = []
    try:
        for error in errors:
            result.append(error)
    except MALFORMED as malformed:
        result.append(f"it does not have the documented form ({malformed!r})")
    return result


def _print(subject: str, errors: list[str]) -> int:
    lines = [f"FAILS  {subject}: {error}" for error in errors] or [f"valid  {subject}"]
    print("\n".join(_plain(line) for line in lines))
    return len(errors)


def _plain(text: object) -> str:
    return re.sub("[^ -~]", "?", str(text))[:400]


def _name(item: Item) -> str:
    return ", ".join(f"{name} {item.get(name)}" for name in ("day", "version", "sequence"))


def _version(item: Item) -> Version:
    return str(item["merchant"]), str(item["day"]), str(item["version"])


def _names(item: Item) -> tuple[Version, Version]:
    """Return how a page of leaves may name its closing: by version, or by entries root."""
    return _version(item), (str(item["merchant"]), str(item["day"]), str(item["entries_root"]))


def _lines(lines: list[Item]) -> Sums:
    return {
        (line["account"], line["currency"]): tuple(Decimal(line[name]) for name in AMOUNTS)
        for line in lines
    }


def _pick(lines: list[Item], plus: str, minus: str = "") -> Sums:
    return {
        (line["account"], line["currency"]): (Decimal(line[plus]) - Decimal(line.get(minus, 0)),)
        for line in lines
    }


def _is_amount(text: str, negative: bool = False) -> bool:
    """Return whether a text is an amount as the service writes it: at most 4 decimals."""
    unsigned = text.removeprefix("-") if negative else text
    form = r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,4})?"
    return bool(re.fullmatch(form, unsigned, re.ASCII)) and (
        unsigned == text or bool(Decimal(text))
    )


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def _is_before(head: Item, item: Item) -> bool:
    return isinstance(head.get("sequence"), int) and head["sequence"] < item["sequence"]


def _minus(sums: Sums, less: Sums) -> Sums:
    zero = (Decimal(0),) * max(map(len, (sums | less).values()), default=0)
    pairs = (
        (key, zip(sums.get(key, zero), less.get(key, zero), strict=True)) for key in sums | less
    )
    differences = ((key, tuple(a - b for a, b in both)) for key, both in pairs)
    return {key: values for key, values in differences if any(values)}


def _added_up(leaves: list[Item]) -> Sums:
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for leaf in leaves:
        line = sums.setdefault((leaf["account"], leaf["currency"]), [Decimal(0)] * 3)
        line[("credit", "debit").index(leaf["type"])] += Decimal(leaf["amount"])
        line[2] += 1
    return {key: tuple(line) for key, line in sums.items()}


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="verify.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keys", required=True, metavar="FILE", help="from a source you trust")
    for name in ("closings", "leaves", "proof", "head"):
        parser.add_argument(f"--{name}", nargs="+", action="extend", default=[], metavar="FILE")
    parser.add_argument("--merchant", default="", help="default: that of the first file")
    parser.add_argument(
        "--since",
        type=int,
        default=0,
        metavar="N",
        help="check the chain only from this sequence number on",
    )
    parser.add_argument(
        "--time-zone",
        type=_zone,
        default=FIRST_ZONE,
        metavar="NAME",
        help="the business time zone, such as America/Sao_Paulo, to check when days were closed",
    )
    options = parser.parse_args(argv)
    if not (options.closings or options.proof or options.head):
        parser.error("give --closings, --proof or --head")
    return options


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(f"{name!r} is not a time zone known here") from error


if __name__ == "__main__":
    sys.exit(main())
