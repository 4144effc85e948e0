"""Verify ECDSA signatures on the curve P-256 (FIPS 186-5, section 6.4.2; SP 800-186, 3.2.1.3).

Only public values are computed with, so nothing leaks by the time that it takes, about 3 ms.
"""

import base64

_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    1,
)
# SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480, section 2), up to the point.
_KEY_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_LABELS = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")

Point = tuple[int, int, int]
"""The point (x / z², y / z³) of the curve, at infinity if z is 0, so that only the end divides."""
_INFINITY: Point = (1, 1, 0)


def verify(public_key: str, digest: bytes, signature: str) -> bool:
    """Return whether a key signed a SHA-256 digest.

    `public_key` is in PEM (RFC 7468, section 13), `signature` in DER and base64, each in the only
    form that those allow; False for any other.
    """
    try:
        key, (r, s) = _point(public_key), _numbers(signature)
    except (ValueError, IndexError):
        return False
    if not (0 < r < _N and 0 < s < _N):
        return False
    inverse, hashed = pow(s, -1, _N), int.from_bytes(digest, "big")
    x, _, z = _sum_of_multiples(hashed * inverse % _N, _G, r * inverse % _N, key)
    return z != 0 and x * pow(z, -2, _P) % _P % _N == r


def _point(public_key: str) -> Point:
    first, *lines, last = public_key.splitlines()
    der = _bytes("".join(lines))
    x, y = (int.from_bytes(part, "big") for part in (der[-64:-32], der[-32:]))
    if (first, last) != _LABELS or der[:-64] != _KEY_PREFIX or len(der) != len(_KEY_PREFIX) + 64:
        raise ValueError("The key must be on the curve P-256, in PEM.")
    if max(x, y) >= _P or (y * y - x * x * x + 3 * x - _B) % _P:
        raise ValueError("The key's point must be on the curve.")
    return x, y, 1


def _numbers(signature: str) -> tuple[int, int]:
    der = _bytes(signature)
    end = 4 + der[3]
    r, s = (int.from_bytes(part, "big") for part in (der[4:end], der[end + 2 :]))
    content = _integer(r) + _integer(s)
    if der != bytes([0x30, len(content)]) + content:
        raise ValueError("The signature must be two integers in DER.")
    return r, s


def _bytes(text: str) -> bytes:
    result = base64.b64decode(text, validate=True)
    if base64.b64encode(result).decode() != text:
        raise ValueError("The text must be the base64 of its bytes, without spare bits.")
    return result


def _integer(number: int) -> bytes:
    content = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([0x02, len(content)]) + content


def _sum_of_multiples(a: int, point: Point, b: int, other: Point) -> Point:
    table = (_INFINITY, point, other, _added(point, other))
    result = _INFINITY
    for bit in reversed(range(256)):
        result = _added(_doubled(result), table[(a >> bit & 1) + 2 * (b >> bit & 1)])
    return result


def _doubled(point: Point) -> Point:
    x, y, z = point
    square = y * y % _P
    middle, slope = 4 * x * square % _P, 3 * (x - z * z) * (x + z * z) % _P
    doubled_x = (slope * slope - 2 * middle) % _P
    doubled_y = slope * (middle - doubled_x) - 8 * square * square
    return doubled_x, doubled_y % _P, 2 * y * z % _P


def _added(a: Point, b: Point) -> Point:
    if a[2] == 0 or b[2] == 0:
        return b if a[2] == 0 else a
    (ax, ay, az), (bx, by, bz) = a, b
    x, run = ax * bz * bz % _P, (bx * az * az - ax * bz * bz) % _P
    y, rise = ay * bz**3 % _P, (by * az**3 - ay * bz**3) % _P
    if run == 0:
        return _doubled(a) if rise == 0 else _INFINITY
    square = run * run % _P
    cube, middle = square * run % _P, x * square % _P
    sum_x = (rise * rise - cube - 2 * middle) % _P
    return sum_x, (rise * (middle - sum_x) - y * cube) % _P, run * az * bz % _P
