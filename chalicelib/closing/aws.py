"""Adapters for KMS, S3 Object Lock and EventBridge."""

import base64
import json
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from chalicelib.closing.errors import SealMismatchError
from chalicelib.ledger.errors import ConsolidationUnavailableError
from chalicelib.storage.seal_bucket import SealBucket

SOURCE = "livro-caixa"
DAY_CLOSED = "DayClosed"
_ALGORITHM = "ECDSA_SHA_256"
_CONFLICT_PAUSES = (0.06, 0.12, 0.25, 0.5, 1.0)
"""Seconds to wait before each retry of a put that S3 answered with 409: another is under way."""
_CONTENT_TYPES = {"json": "application/json", "pem": "application/x-pem-file"}

Publish = Callable[[str, str], None]
"""Publishes a signing key: its id, and its public half in PEM."""


class KmsSigner:
    """Signs SHA-256 digests with a KMS key (ECC_NIST_P256), named by id, ARN or alias.

    A key is published before its first signature is returned.
    """

    def __init__(self, client: Any, key_id: str, publish: Publish) -> None:
        self._client = client
        self._key_id = key_id
        # Remembers a key only once it is published.
        self._publish_once = cache(lambda key_id: publish(key_id, self._public_key(key_id)))

    def sign(self, digest: bytes) -> tuple[str, str]:
        """Return the signature (DER, base64) and the id of the key; an alias may change its key."""
        signed = self._client.sign(
            KeyId=self._key_id,
            Message=digest,
            MessageType="DIGEST",
            SigningAlgorithm=_ALGORITHM,
        )
        key_id = str(signed["KeyId"]).rpartition("/")[2]
        self._publish_once(key_id)
        return base64.b64encode(signed["Signature"]).decode(), key_id

    def _public_key(self, key_id: str) -> str:
        return pem(self._client.get_public_key(KeyId=key_id)["PublicKey"])


def pem(der: bytes) -> str:
    """Return a public key in PEM (RFC 7468, section 13)."""
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


class SealArchive(SealBucket):
    """The bucket whose default retention keeps every version of every object."""

    def __init__(
        self, client: Any, bucket: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(client, bucket)
        self._pause = pause

    def put(self, name: str, content: bytes) -> None:
        """Store an object; the same content again changes nothing.

        Raises SealMismatchError where the name holds other content. A put that conflicts with
        another of the same name is retried for about 2 s.
        """
        try:
            self._put_if_absent(name, content)
        except self._client.exceptions.ClientError as error:
            if _code(error) != "PreconditionFailed":
                raise
            if self.get(name) != content:
                raise SealMismatchError(
                    f"{name} in the bucket must have the content of this closing, and has other "
                    "content. A restored or rebuilt read model must not close sealed days again."
                ) from None

    def _put_if_absent(self, name: str, content: bytes) -> None:
        for seconds in _CONFLICT_PAUSES:
            try:
                return self._put(name, content)
            except self._client.exceptions.ClientError as error:
                if _code(error) != "ConditionalRequestConflict":
                    raise
                self._pause(seconds)
        return self._put(name, content)

    def _put(self, name: str, content: bytes) -> None:
        self._client.put_object(
            Bucket=self._name,
            Key=name,
            Body=content,
            ContentType=_CONTENT_TYPES[name.rpartition(".")[2]],
            IfNoneMatch="*",  # the bucket's policy accepts no put without it
        )


def _code(error: Any) -> str:
    return str(error.response["Error"]["Code"])


class EventPublisher:
    """Publishes DayClosed events on an EventBridge bus."""

    def __init__(self, client: Any, bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, details: Sequence[Mapping[str, Any]]) -> None:
        """Publish up to 10 events; raise ConsolidationUnavailableError unless all were accepted."""
        events = [
            {
                "Source": SOURCE,
                "DetailType": DAY_CLOSED,
                "Detail": json.dumps(detail),
                "EventBusName": self._bus,
            }
            for detail in details
        ]
        response = self._client.put_events(Entries=events)
        if response["FailedEntryCount"]:
            codes = sorted({entry.get("ErrorCode", "") for entry in response["Entries"]} - {""})
            raise ConsolidationUnavailableError(
                f"The event bus must accept every event; it answered {codes}."
            )
