"""The executions of the state machine that consolidates days, in Step Functions."""

from typing import Any

from chalicelib import observability
from chalicelib.ledger.errors import ConsolidationUnavailableError
from chalicelib.runtime import clients


class Executions:
    """Starts executions of one state machine; `client` is botocore's client of Step Functions."""

    def __init__(self, client: Any, state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, name: str, text: str) -> None:
        """Start the execution of this name with a JSON input, unless it was started before.

        Raises ConsolidationUnavailableError when Step Functions does not respond.
        """
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=text
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return
        except clients.aws_failures() as failure:
            observability.log("consolidation_not_started", **observability.describe_error(failure))
            raise ConsolidationUnavailableError(
                "The consolidation could not be started; send the same request again."
            ) from failure
