"""`make destroy STAGE=…`: take a stage away, unless it is protected."""

from deploy import chalice_cli
from deploy.chalice_state import standing, write_record
from deploy.layers import LAYERS, stack_name
from deploy.staging import configure, copy_sources
from deploy.up import Deployment

_ABOVE = ("observability", "night")


class ProtectedStageError(Exception):
    """The stage refuses to go; the message says what would have to be done first."""


def take_down(deployment: Deployment) -> None:
    """Remove all of a stage but what outlives it; raise ProtectedStageError, having removed nothing.

    What the stage's own file says counts, and what its stacks in AWS say.
    """
    refuse_if_protected(deployment)
    for layer in _ABOVE:
        _remove(deployment, layer)
    remove_application(deployment)
    for one in reversed(LAYERS):
        _remove(deployment, one.name)
    deployment.tell(
        "the ledger's table is gone with the stage. What stays: sealed closings in their bucket, "
        "the database's last snapshot, what the account's stages share; the signing key goes in 30 "
        "days, until when it can be kept"
    )


def refuse_if_protected(deployment: Deployment) -> None:
    """Raise ProtectedStageError where the stage's file or one of its stacks says that it is to stay."""
    stage = deployment.stage
    if stage.protected:
        raise ProtectedStageError(
            f"Stage {stage.name} is protected. To destroy it, say `protected = false` in its file, "
            "deploy it once more, and then destroy it."
        )
    for layer in [*_ABOVE, *(one.name for one in LAYERS)]:
        stack = deployment.stacks.described(stack_name(stage.name, layer))
        if stack and stack.get("EnableTerminationProtection"):
            raise ProtectedStageError(
                f"Stage {stage.name} was deployed protected ({stack['StackName']} still is). "
                "Deploy it once more as its file describes it now, and then destroy it."
            )


def remove_application(deployment: Deployment) -> None:
    """Have Chalice remove the functions, their roles, the API and the stream's mapping."""
    stage, folder, tell = deployment.stage.name, deployment.places.staged, deployment.tell
    if not list(standing(deployment.aws, stage)):
        tell("application: not there")
        return
    copy_sources(folder)
    configure(folder, stage, {})
    write_record(folder, deployment.aws, stage)
    chalice_cli.run(folder, ["delete", "--stage", stage], lambda line: tell(f"chalice: {line}"))


def _remove(deployment: Deployment, layer: str) -> None:
    name = stack_name(deployment.stage.name, layer)
    if deployment.stacks.described(name) is None:
        deployment.tell(f"{name}: not there")
        return
    deployment.tell(f"{name}: removing …")
    deployment.stacks.remove(name)
    deployment.tell(f"{name}: removed")
