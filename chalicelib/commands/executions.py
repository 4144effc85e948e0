"""The executions of the state machine that consolidates days, in Step Functions."""

from collections.abc import Callable
from typing import Any

from chalicelib import observability
from chalicelib.ledger.errors import ConsolidationUnavailableError
from chalicelib.runtime import clients


class Executions:
    """Starts executions; client and ARN are made when needed, since most processes start none."""

    def __init__(self, client: Callable[[], Any], state_machine_arn: Callable[[], str]) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, name: str, text: str) -> None:
        """Start the execution of this name with a JSON input, unless it was started before.

        Raises ConsolidationUnavailableError when Step Functions does not respond.
        """
        client = self._client()
        try:
            client.start_execution(stateMachineArn=self._state_machine_arn(), name=name, input=text)
        except client.exceptions.ExecutionAlreadyExists:
            return
        except clients.aws_failures() as failure:
            observability.log("consolidation_not_started", **observability.describe_error(failure))
            raise ConsolidationUnavailableError(
                "The consolidation could not be started; send the same request again."
            ) from failure
