"""Fakes of AWS services behind the clients that the code calls.

KMS (the signing key), S3 (the bucket with object lock), EventBridge (the bus of closed days), SQS
(dead letters) and Step Functions (executions).
"""

import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verification.simulation.faults import FaultProxy, port

KEY_ALIAS = "alias/seals"
_SIGNING = ec.ECDSA(utils.Prehashed(SHA256()), deterministic_signing=True)
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Response = dict[str, Any]


def errors(*names: str) -> SimpleNamespace:
    """Return the `exceptions` of a client: subclasses of ClientError by name, as botocore makes."""
    subclasses = {name: type(name, (ClientError,), {}) for name in names}
    return SimpleNamespace(ClientError=ClientError, **subclasses)


def _keywords(**params: Any) -> Mapping[str, Any]:
    return params


class AwsFake:
    """A service behind the proxy; calm, it does everything at once and completely."""

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        self._proxy = proxy
        self._chance = chance
        self.is_calm = False

    def _fault(self, is_done: bool) -> Exception:
        failure = ReadTimeoutError if is_done else EndpointConnectionError
        return failure(endpoint_url="https://aws")

    def _is_troubled(self, share: float) -> bool:
        return not self.is_calm and self._chance.random() < share


class SigningKey(AwsFake):
    """KMS with a P-256 key, which may be changed: then nobody can use the earlier one any more.

    Like the real one, it may sign the same digest in two ways.
    """

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        super().__init__(proxy, chance)
        self.public: dict[str, ec.EllipticCurvePublicKey] = {}
        self.change()

    def change(self) -> None:
        """Let the alias name a new key; `public` are the public halves of all keys by id."""
        number = len(self.public) + 1
        self._key = ec.derive_private_key(4 + number, ec.SECP256R1())
        self._key_id = f"5a1f0000-0000-4000-8000-{number:012}"
        self.public[self._key_id] = self._key.public_key()

    @port("kms.sign", _keywords)
    def sign(self, **params: Any) -> Response:
        """Sign a digest."""
        # Of a valid signature (r, s), (r, -s) is another: the seed decides which one is returned.
        r, s = utils.decode_dss_signature(self._key.sign(params["Message"], _SIGNING))
        signature = utils.encode_dss_signature(r, self._chance.choice((s, _P256_ORDER - s)))
        return {"KeyId": f"arn:aws:kms:sa-east-1:0:key/{self._key_id}", "Signature": signature}

    @port("kms.get_public_key", _keywords)
    def get_public_key(self, **params: Any) -> Response:
        """Return the public key (DER)."""
        if params["KeyId"] != self._key_id:
            raise ClientError({"Error": {"Code": "KMSInvalidStateException"}}, "GetPublicKey")
        public = self.public[self._key_id]
        return {"PublicKey": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}


class Bucket(AwsFake):
    """S3 with object lock, whose policy allows only one version of an object.

    Sometimes a put conflicts with a concurrent one, and must be sent again.
    """

    exceptions = errors()

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        super().__init__(proxy, chance)
        self.objects: dict[str, bytes] = {}

    @port("s3.put", _keywords)
    def put_object(self, **params: Any) -> Response:
        """Store an object where there is none of its name."""
        name = params["Key"]
        assert params["IfNoneMatch"] == "*"
        if self._is_troubled(0.1):
            raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")
        if name in self.objects:
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.objects[name] = params["Body"]
        return {}

    def get_paginator(self, operation: str) -> Any:
        """Return a paginator of list_object_versions."""
        assert operation == "list_object_versions"
        return SimpleNamespace(paginate=lambda **params: [self.list_object_versions(**params)])

    @port("s3.list", _keywords)
    def list_object_versions(self, **params: Any) -> Response:
        """Return the objects with a prefix, after a name."""
        prefix, after = params["Prefix"], params.get("KeyMarker", "")
        names = (name for name in sorted(self.objects) if name.startswith(prefix) and name > after)
        return {"Versions": [{"Key": name, "VersionId": "first"} for name in names]}

    @port("s3.get", _keywords)
    def get_object(self, **params: Any) -> Response:
        """Return the first version of an object."""
        assert params["VersionId"] == "first"
        return {"Body": io.BytesIO(self.objects[params["Key"]])}


class Bus(AwsFake):
    """EventBridge; now and then it accepts only some of the events, and reports the others."""

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        super().__init__(proxy, chance)
        self.events: list[Mapping[str, Any]] = []

    @port("eventbridge.put", lambda *, Entries: Entries)  # noqa: N803
    def put_events(self, *, Entries: Sequence[Mapping[str, Any]]) -> Response:  # noqa: N803
        """Accept events."""
        taken = Entries[:-1] if self._is_troubled(0.03) else Entries
        self.events += [json.loads(entry["Detail"]) for entry in taken]
        responses = [{"EventId": "x"} for _ in taken]
        responses += [{"ErrorCode": "ThrottlingException"} for _ in Entries[len(taken) :]]
        return {"FailedEntryCount": len(Entries) - len(taken), "Entries": responses}


def _records(**params: Any) -> list[object]:
    # The reason beside the record is a text that may be reworded.
    return [json.loads(entry["MessageBody"])["record"] for entry in params["Entries"]]


class Queue(AwsFake):
    """SQS; now and then it fails to store some of the messages, and reports them."""

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        super().__init__(proxy, chance)
        self.messages: list[dict[str, Any]] = []

    @port("sqs.send", _records)
    def send_message_batch(self, **params: Any) -> Response:
        """Accept messages."""
        sent: Sequence[Mapping[str, str]] = params["Entries"]
        taken = sent[:-1] if self._is_troubled(0.1) else sent
        self.messages += [json.loads(entry["MessageBody"]) for entry in taken]
        return {"Failed": [{"Code": "InternalError"} for _ in sent[len(taken) :]]}


class StateMachine(AwsFake):
    """Step Functions: an execution's name is used once; `begin` runs an execution."""

    exceptions = errors("ExecutionAlreadyExists", "ExecutionDoesNotExist")

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        super().__init__(proxy, chance)
        self.names: list[str] = []
        self.begin: Callable[[str, Mapping[str, Any]], None] = lambda name, params: None
        self.status_of: Callable[[str], str] = lambda name: "RUNNING"

    @port("stepfunctions.start", _keywords)
    def start_execution(self, **params: Any) -> Response:
        """Start an execution under an unused name."""
        if params["name"] in self.names:
            error: Any = {"Error": {"Code": "ExecutionAlreadyExists"}}
            raise self.exceptions.ExecutionAlreadyExists(error, "StartExecution")
        self.names.append(params["name"])
        self.begin(params["name"], json.loads(params["input"]))
        return {}

    @port("stepfunctions.describe", _keywords)
    def describe_execution(self, **params: Any) -> Response:
        """Describe an execution by its ARN; all ended long ago."""
        name = params["executionArn"].rpartition(":")[2]
        if name not in self.names:
            error: Any = {"Error": {"Code": "ExecutionDoesNotExist"}}
            raise self.exceptions.ExecutionDoesNotExist(error, "DescribeExecution")
        return {"status": self.status_of(name), "stopDate": datetime.fromtimestamp(0, UTC)}
