"""`make destroy STAGE=…`: take a stage away, unless it is protected."""

from deploy import chalice_runs
from deploy.aws import Aws
from deploy.layers import LAYERS, stack_name
from deploy.places import Places
from deploy.record import standing, write_record
from deploy.stacks import Stacks
from deploy.staging import configure, copy_sources
from deploy.up import Tell
from infrastructure.stages import Stage

_ABOVE = ("observability", "night")


class Protected(Exception):
    """The stage refuses to go; the message says what would have to be done first."""


def take_down(stage: Stage, aws: Aws, tell: Tell, places: Places) -> None:
    """Remove all of a stage but what outlives it; raise Protected, having removed nothing.

    What the stage's own file says counts, and what its stacks in AWS say.
    """
    stacks = Stacks(aws.client("cloudformation"), tell)
    refuse_if_protected(stage, stacks)
    for layer in _ABOVE:
        _remove(stacks, stage, layer, tell)
    remove_application(stage, aws, tell, places)
    for one in reversed(LAYERS):
        _remove(stacks, stage, one.name, tell)
    tell("what stays: sealed closings in their bucket, the database's last snapshot, and what the")
    tell("account's stages share; the signing key goes in 30 days, until when it can be kept")


def refuse_if_protected(stage: Stage, stacks: Stacks) -> None:
    """Raise Protected where the stage's file or one of its stacks says that it is to stay."""
    if stage.protected:
        raise Protected(
            f"Stage {stage.name} is protected. To destroy it, say `protected = false` in its file, "
            "deploy it once more, and then destroy it."
        )
    for layer in [*_ABOVE, *(one.name for one in LAYERS)]:
        stack = stacks.described(stack_name(stage.name, layer))
        if stack and stack.get("EnableTerminationProtection"):
            raise Protected(
                f"Stage {stage.name} was deployed protected ({stack['StackName']} still is). "
                "Deploy it once more as its file describes it now, and then destroy it."
            )


def remove_application(stage: Stage, aws: Aws, tell: Tell, places: Places) -> None:
    """Have Chalice remove the functions, their roles, the API and the stream's mapping."""
    if not list(standing(aws, stage.name)):
        tell("application: not there")
        return
    folder = places.staged
    copy_sources(folder)
    configure(folder, stage.name, {})
    write_record(folder, aws, stage.name)
    chalice_runs.run(
        folder, ["delete", "--stage", stage.name], lambda line: tell(f"chalice: {line}")
    )


def _remove(stacks: Stacks, stage: Stage, layer: str, tell: Tell) -> None:
    name = stack_name(stage.name, layer)
    if stacks.described(name) is None:
        tell(f"{name}: not there")
        return
    tell(f"{name}: removing …")
    stacks.remove(name)
    tell(f"{name}: removed")
