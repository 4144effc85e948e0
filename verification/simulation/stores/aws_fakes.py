"""What lies beyond the stores, in memory behind the clients that the code calls.

The signing key (KMS), the bucket under retention (S3), the bus of closed days (EventBridge), the
quarantine queue (SQS) and the state machine's executions (Step Functions).
"""

import base64
import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verification.simulation.fault_proxy import Wire

KEY_ID = "5a1f0000-0000-4000-8000-000000000001"
_SIGNING = ec.ECDSA(utils.Prehashed(SHA256()), deterministic_signing=True)
Answer = dict[str, Any]


class ExecutionAlreadyExists(ClientError):
    """As botocore has it."""


class KMSInvalidSignatureException(ClientError):
    """As botocore has it."""


class NoSuchKey(ClientError):
    """As botocore has it."""


def silent(is_done: bool) -> Exception:
    """Return the error of an AWS service that did not answer."""
    failure = ReadTimeoutError if is_done else EndpointConnectionError
    return failure(endpoint_url="https://aws")


class SigningKey:
    """KMS with one P-256 key, which signs the same digest alike each time."""

    exceptions = SimpleNamespace(KMSInvalidSignatureException=KMSInvalidSignatureException)

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._key = ec.derive_private_key(5, ec.SECP256R1())

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._key.public_key()

    def sign(self, **asked: Any) -> Answer:
        """Sign a digest."""
        digest: bytes = asked["Message"]
        signed = {"KeyId": f"arn:aws:kms:sa-east-1:0:key/{KEY_ID}"}
        return self._wire.call(
            "kms.sign",
            asked,
            lambda: {**signed, "Signature": self._key.sign(digest, _SIGNING)},
            silent,
        )

    def verify(self, **asked: Any) -> Answer:
        """Say yes to a signature, or raise as KMS does."""

        def effect() -> Answer:
            try:
                self.public.verify(asked["Signature"], asked["Message"], _SIGNING)
            except InvalidSignature:
                raise KMSInvalidSignatureException({}, "Verify") from None
            return {"SignatureValid": True}

        return self._wire.call("kms.verify", asked, effect, silent)

    def get_public_key(self, **asked: Any) -> Answer:
        """Return the public half (DER)."""
        der = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self._wire.call("kms.get_public_key", asked, lambda: {"PublicKey": der}, silent)


class Bucket:
    """S3 with object lock: what is there can neither be replaced nor removed.

    Now and then a put meets another one under way, and must be sent again.
    """

    exceptions = SimpleNamespace(ClientError=ClientError, NoSuchKey=NoSuchKey)

    def __init__(self, wire: Wire, chance: random.Random) -> None:
        self._wire = wire
        self._chance = chance
        self.objects: dict[str, bytes] = {}
        self.is_calm = False

    def put_object(self, **asked: Any) -> Answer:
        """Keep an object; where there is one already, that one stays."""
        name, content, condition = asked["Key"], asked["Body"], asked["IfNoneMatch"]
        assert condition == "*"

        def effect() -> Answer:
            if not self.is_calm and self._chance.random() < 0.1:
                raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")
            if name in self.objects:
                raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
            self.objects[name] = content
            return {}

        return self._wire.call("s3.put", asked, effect, silent)

    def get_object(self, **asked: Any) -> Answer:
        """Return what is kept under a name."""

        def effect() -> Answer:
            if asked["Key"] not in self.objects:
                raise NoSuchKey({"Error": {"Code": "NoSuchKey"}}, "GetObject")
            return {"Body": io.BytesIO(self.objects[asked["Key"]])}

        return self._wire.call("s3.get", asked, effect, silent)


class Bus:
    """EventBridge; now and then it takes only some of the events, and says so."""

    def __init__(self, wire: Wire, chance: random.Random) -> None:
        self._wire = wire
        self._chance = chance
        self.events: list[Mapping[str, Any]] = []
        self.is_calm = False

    def put_events(self, *, Entries: Sequence[Mapping[str, Any]]) -> Answer:  # noqa: N803
        """Take events in."""

        def effect() -> Answer:
            is_partial = not self.is_calm and self._chance.random() < 0.03
            taken = Entries[:-1] if is_partial else Entries
            self.events += [json.loads(one["Detail"]) for one in taken]
            answers = [{"EventId": "x"} for _ in taken]
            answers += [{"ErrorCode": "ThrottlingException"} for _ in Entries[len(taken) :]]
            return {"FailedEntryCount": len(Entries) - len(taken), "Entries": answers}

        return self._wire.call("eventbridge.put", Entries, effect, silent)


class Queue:
    """SQS; now and then it fails to keep some of the messages, and says so."""

    def __init__(self, wire: Wire, chance: random.Random) -> None:
        self._wire = wire
        self._chance = chance
        self.messages: list[dict[str, Any]] = []
        self.is_calm = False

    def send_message_batch(self, **asked: Any) -> Answer:
        """Keep messages."""
        sent: Sequence[Mapping[str, str]] = asked["Entries"]

        def effect() -> Answer:
            is_partial = not self.is_calm and self._chance.random() < 0.1
            taken = sent[:-1] if is_partial else sent
            self.messages += [json.loads(one["MessageBody"]) for one in taken]
            return {"Failed": [{"Code": "InternalError"} for _ in sent[len(taken) :]]}

        return self._wire.call("sqs.send", [_record(one) for one in sent], effect, silent)


class StateMachine:
    """Step Functions: an execution's name is used once; `begin` runs an execution."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=ExecutionAlreadyExists)

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.names: list[str] = []
        self.begin: Callable[[str, Mapping[str, Any]], None] = lambda name, asked: None

    def start_execution(self, **asked: Any) -> Answer:
        """Start an execution under a name that was never used."""
        name, result = asked["name"], json.loads(asked["input"])

        def effect() -> Answer:
            if name in self.names:
                error = {"Error": {"Code": "ExecutionAlreadyExists"}}
                raise ExecutionAlreadyExists(error, "StartExecution")  # type: ignore[arg-type]
            self.names.append(name)
            self.begin(name, result)
            return {}

        return self._wire.call("stepfunctions.start", asked, effect, silent)


def _record(entry: Mapping[str, str]) -> object:
    # The reason beside the record is prose, which may be worded otherwise.
    return json.loads(entry["MessageBody"])["record"]


def signature_of(item: Mapping[str, Any]) -> bytes:
    """Return a published closing's signature."""
    return base64.b64decode(item["signature"])
