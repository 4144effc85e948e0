"""The rights of the functions once more, as a maintained simulator of IAM judges them.

It is an npm package, and only the tests of this folder have Node.js.
"""

import json
from typing import Any

import pytest

from infrastructure.functions import FUNCTIONS, Function
from local.page_tools import node
from tests.house.recorded_run import PLACE, STAGE
from tests.infrastructure.templates import of_type, template
from tests.rights.test_rights import (
    REQUEST,
    attacks,
    context,
    lambdas,
    name,
    policy,
    resource_policies,
)

# Judges the calls of its input, and prints whether each is allowed.
_JUDGE = """
import { runSimulation } from '@cloud-copilot/iam-simulate'
import { readFileSync } from 'node:fs'
const version = '2012-10-17'
const judged = []
for (const { identity, ofResource, action, resource, context } of JSON.parse(readFileSync(0))) {
  const response = await runSimulation({
    request: {
      principal: 'arn:aws:iam::123456789012:role/function',
      action,
      resource: { resource, accountId: '123456789012' },
      contextVariables: context,
    },
    identityPolicies: [{ name: 'own', policy: { Version: version, Statement: identity } }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: ofResource.length ? { Version: version, Statement: ofResource } : undefined,
  }, {})
  if (response.resultType === 'error') throw new Error(`${action}: ${JSON.stringify(response)}`)
  judged.push(response.overallResult === 'Allowed')
}
console.log(JSON.stringify(judged))
"""


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
def test_used_rights_are_allowed(function: Function, recorded_run: dict[str, Any]) -> None:
    taken = {(action, arn) for action, arn in recorded_run["rights"][function.name]}
    calls = [(action, arn, context(action)) for action, arn in sorted(taken | lambdas(function))]
    assert len(calls) >= 2
    assert judged(function, recorded_run["resources"], calls) == [True] * len(calls)


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
def test_attacks_are_denied(function: Function, recorded_run: dict[str, Any]) -> None:
    resources = recorded_run["resources"]
    by_code = {
        **REQUEST,
        "lambda:SourceFunctionArn": PLACE.arn("lambda", f"function:{function.aws_name(STAGE)}"),
    }
    calls = [
        (action, arn, by_code) for action, arn, only in attacks(resources) if function.name != only
    ]
    assert len(calls) >= 40
    assert judged(function, resources, calls) == [False] * len(calls)


def judged(
    function: Function,
    resources: dict[str, str],
    calls: list[tuple[str, str, dict[str, str]]],
) -> list[bool]:
    """Return whether the simulator allows a function each call: action, resource and context."""
    identity = policy(function, resources)["Statement"]
    of_service = resource_policies_by_service(resources)
    requests = [
        {
            "identity": identity,
            "ofResource": of_service.get(action.partition(":")[0], []),
            "action": action,
            "resource": arn,
            "context": values,
        }
        for action, arn, values in calls
    ]
    output = node("--input-type=module", "--eval", _JUDGE, text=json.dumps(requests))
    judgements: list[bool] = json.loads(output)
    return judgements


def resource_policies_by_service(resources: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return the statements of the resources' policies, which IAM evaluates with a role's."""
    statements = resource_policies(resources)
    (key,) = of_type(template("foundation"), "AWS::KMS::Key").values()
    root = {"AWS": "arn:aws:iam::123456789012:root"}
    return {
        "kms": [{**each, "Principal": root} for each in key["KeyPolicy"]["Statement"]],
        **{
            service: [each for each in statements if f":{service}:" in str(each["Resource"])]
            for service in ("s3", "sqs")
        },
    }
