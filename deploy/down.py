"""`python -m deploy destroy`: remove a stage, unless it is protected."""

from deploy import chalice_cli, interfaces
from deploy.bundle import configure, copy_sources
from deploy.chalice_state import deployed_resources, functions_of, write_record
from deploy.layers import LAYERS, stack_name
from deploy.up import Deployment
from infrastructure.canary import remove_secret

# The stacks that use the application.
_ABOVE = ("observability", "night")


class ProtectedStageError(Exception):
    """The stage or one of its stacks is protected; the message says how to change that."""


def take_down(deployment: Deployment) -> None:
    """Remove a stage, except for what is retained.

    Raises ProtectedStageError, having removed nothing, where the stage's file or one of its stacks
    in AWS is protected, and InterfacesRemainError while the network cannot be removed.
    """
    require_unprotected(deployment)
    for name in _ABOVE:
        _remove(deployment, name)
    leave_network(deployment)
    remove_application(deployment)
    if remove_secret(deployment.aws.client("ssm"), deployment.stage.name):
        deployment.report("canary: its secret is removed")
    for layer in reversed(LAYERS):
        _remove(deployment, layer.name)
    deployment.report(
        "The stage is removed, the ledger's table included. Retained are the sealed closings in "
        "their bucket, the database's last snapshot and what all stages of the account share. The "
        "signing key is deleted in 30 days; to keep it, cancel its deletion in KMS."
    )


def require_unprotected(deployment: Deployment) -> None:
    """Raise ProtectedStageError if the stage's file or one of its stacks is protected."""
    stage = deployment.stage
    if stage.protected:
        raise ProtectedStageError(
            f"Stage {stage.name} is protected. To destroy it, set `protected = false` in "
            f"infrastructure/stages/{stage.name}.toml, deploy it again, and then destroy it."
        )
    for layer in [*_ABOVE, *(layer.name for layer in LAYERS)]:
        stack = deployment.stacks.described(stack_name(stage.name, layer))
        if stack and stack.get("EnableTerminationProtection"):
            raise ProtectedStageError(
                f"Stage {stage.name} was deployed protected, and {stack['StackName']} still is. "
                "Deploy it again with its current file, and then destroy it."
            )


def leave_network(deployment: Deployment) -> None:
    """Take the functions out of the network, and wait until Lambda has removed their interfaces."""
    stage, aws = deployment.stage.name, deployment.aws
    network = deployment.stacks.outputs(stack_name(stage, "network"))
    names = [arn.rpartition(":")[2] for _name, arn in functions_of(aws, stage)]
    if left := interfaces.leave_network(aws.client("lambda"), names):
        deployment.report(f"network: {len(left)} functions left it")
    group = network.get("FunctionsSecurityGroup")
    if group:
        interfaces.await_removal(aws.client("ec2"), group, deployment.report)


def remove_application(deployment: Deployment) -> None:
    """Let Chalice delete the functions, their roles, the API and the stream mapping."""
    stage, folder, report = deployment.stage.name, deployment.paths.application, deployment.report
    if not list(deployed_resources(deployment.aws, stage)):
        report("application: does not exist")
        return
    copy_sources(folder)
    configure(folder, stage, {})
    write_record(folder, deployment.aws, stage)
    chalice_cli.run(folder, ["delete", "--stage", stage], lambda line: report(f"chalice: {line}"))


def _remove(deployment: Deployment, layer: str) -> None:
    name = stack_name(deployment.stage.name, layer)
    if deployment.stacks.described(name) is None:
        deployment.report(f"{name}: does not exist")
        return
    deployment.report(f"{name}: removing …")
    deployment.stacks.remove(name)
    deployment.report(f"{name}: removed")
