"""Fakes of AWS services behind the clients that the code calls.

KMS (the signing key), S3 (the bucket with object lock), EventBridge (the bus of closed days), SQS
(dead letters) and Step Functions (executions).
"""

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

from verification.simulation.fault_proxy import FaultProxy

KEY_ID = "5a1f0000-0000-4000-8000-000000000001"
_SIGNING = ec.ECDSA(utils.Prehashed(SHA256()), deterministic_signing=True)
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Response = dict[str, Any]


class ConditionalCheckFailedError(ClientError):
    """The error of the same name of botocore."""


class TransactionCanceledError(ClientError):
    """The error of the same name of botocore."""


class TransactionConflictError(ClientError):
    """The error of the same name of botocore."""


class ExecutionAlreadyExistsError(ClientError):
    """The error of the same name of botocore."""


class KMSInvalidSignatureError(ClientError):
    """The error of the same name of botocore."""


class NoSuchKeyError(ClientError):
    """The error of the same name of botocore."""


def aws_unreachable(is_done: bool) -> Exception:
    """Return the error of an AWS service that does not respond."""
    failure = ReadTimeoutError if is_done else EndpointConnectionError
    return failure(endpoint_url="https://aws")


class SigningKey:
    """KMS with one P-256 key; like the real one, it may sign the same digest in two ways."""

    exceptions = SimpleNamespace(KMSInvalidSignatureException=KMSInvalidSignatureError)

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        self._proxy = proxy
        self._chance = chance
        self._key = ec.derive_private_key(5, ec.SECP256R1())

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        """The public key."""
        return self._key.public_key()

    def sign(self, **params: Any) -> Response:
        """Sign a digest."""
        digest: bytes = params["Message"]
        signed = {"KeyId": f"arn:aws:kms:sa-east-1:0:key/{KEY_ID}"}
        return self._proxy.call(
            "kms.sign",
            params,
            lambda: {**signed, "Signature": self._sign(digest)},
            aws_unreachable,
        )

    def verify(self, **params: Any) -> Response:
        """Confirm a signature, or raise as KMS does."""

        def effect() -> Response:
            try:
                self.public.verify(params["Signature"], params["Message"], _SIGNING)
            except InvalidSignature:
                raise KMSInvalidSignatureError({}, "Verify") from None
            return {"SignatureValid": True}

        return self._proxy.call("kms.verify", params, effect, aws_unreachable)

    def get_public_key(self, **params: Any) -> Response:
        """Return the public key (DER)."""
        der = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self._proxy.call(
            "kms.get_public_key", params, lambda: {"PublicKey": der}, aws_unreachable
        )

    def _sign(self, digest: bytes) -> bytes:
        # Of a valid signature (r, s), (r, -s) is another: the seed decides which one is returned.
        r, s = utils.decode_dss_signature(self._key.sign(digest, _SIGNING))
        return utils.encode_dss_signature(r, self._chance.choice((s, _P256_ORDER - s)))


class Bucket:
    """S3 with object lock: every version of an object stays; `objects` are the newest ones.

    `replaced` are the earlier versions, by name. Sometimes a conditional put conflicts with a
    concurrent one, and must be sent again.
    """

    exceptions = SimpleNamespace(ClientError=ClientError, NoSuchKey=NoSuchKeyError)

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        self._proxy = proxy
        self._chance = chance
        self.objects: dict[str, bytes] = {}
        self.replaced: list[tuple[str, bytes]] = []
        self.is_calm = False

    def put_object(self, **params: Any) -> Response:
        """Store an object; with IfNoneMatch only where there is none of its name."""
        name, content, condition = params["Key"], params["Body"], params.get("IfNoneMatch")
        assert condition in ("*", None)

        def effect() -> Response:
            if condition and not self.is_calm and self._chance.random() < 0.1:
                raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")
            if condition and name in self.objects:
                raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
            if name in self.objects:
                self.replaced.append((name, self.objects[name]))
            self.objects[name] = content
            return {}

        return self._proxy.call("s3.put", params, effect, aws_unreachable)

    def get_object(self, **params: Any) -> Response:
        """Return the object of a name."""

        def effect() -> Response:
            if params["Key"] not in self.objects:
                raise NoSuchKeyError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
            return {"Body": io.BytesIO(self.objects[params["Key"]])}

        return self._proxy.call("s3.get", params, effect, aws_unreachable)


class Bus:
    """EventBridge; now and then it takes only some of the events, and expected_draft so."""

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        self._proxy = proxy
        self._chance = chance
        self.events: list[Mapping[str, Any]] = []
        self.is_calm = False

    def put_events(self, *, Entries: Sequence[Mapping[str, Any]]) -> Response:  # noqa: N803
        """Accept events."""

        def effect() -> Response:
            is_partial = not self.is_calm and self._chance.random() < 0.03
            taken = Entries[:-1] if is_partial else Entries
            self.events += [json.loads(entry["Detail"]) for entry in taken]
            answers = [{"EventId": "x"} for _ in taken]
            answers += [{"ErrorCode": "ThrottlingException"} for _ in Entries[len(taken) :]]
            return {"FailedEntryCount": len(Entries) - len(taken), "Entries": answers}

        return self._proxy.call("eventbridge.put", Entries, effect, aws_unreachable)


class Queue:
    """SQS; now and then it fails to keep some of the messages, and expected_draft so."""

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        self._proxy = proxy
        self._chance = chance
        self.messages: list[dict[str, Any]] = []
        self.is_calm = False

    def send_message_batch(self, **params: Any) -> Response:
        """Accept messages."""
        sent: Sequence[Mapping[str, str]] = params["Entries"]

        def effect() -> Response:
            is_partial = not self.is_calm and self._chance.random() < 0.1
            taken = sent[:-1] if is_partial else sent
            self.messages += [json.loads(entry["MessageBody"]) for entry in taken]
            return {"Failed": [{"Code": "InternalError"} for _ in sent[len(taken) :]]}

        return self._proxy.call(
            "sqs.send", [_record(entry) for entry in sent], effect, aws_unreachable
        )


class StateMachine:
    """Step Functions: an execution's name is used once; `begin` runs an execution."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=ExecutionAlreadyExistsError)

    def __init__(self, proxy: FaultProxy) -> None:
        self._proxy = proxy
        self.names: list[str] = []
        self.begin: Callable[[str, Mapping[str, Any]], None] = lambda name, params: None

    def start_execution(self, **params: Any) -> Response:
        """Start an execution under an unused name."""
        name, result = params["name"], json.loads(params["input"])

        def effect() -> Response:
            if name in self.names:
                error = {"Error": {"Code": "ExecutionAlreadyExists"}}
                raise ExecutionAlreadyExistsError(error, "StartExecution")  # type: ignore[arg-type]
            self.names.append(name)
            self.begin(name, result)
            return {}

        return self._proxy.call("stepfunctions.start", params, effect, aws_unreachable)


def _record(entry: Mapping[str, str]) -> object:
    # The reason beside the record is a text that may be reworded.
    return json.loads(entry["MessageBody"])["record"]
