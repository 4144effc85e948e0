"""The laptop's stage: what it is, its account in the emulator, and its stacks."""

import time
from dataclasses import dataclass

from deploy.aws import Aws
from deploy.layers import deploy_layers, deploy_observability, deploy_state_machine
from deploy.stacks import Stacks
from infrastructure.sizes import LARGE
from infrastructure.stages import Stage
from local.emulator import ACCOUNT, REGION, Emulator, session
from local.packaging import STAGE

TARGET = "emulator"
# A large one, so that every template there is stands on the laptop as well.
LAPTOP = Stage(
    name=STAGE,
    size=LARGE,
    protected=False,
    business_time_zone="America/Sao_Paulo",
    callback_urls=("http://localhost:8000/",),
    seal_retention_mode="GOVERNANCE",
    seal_retention_days=1,  # long enough to see that an object cannot be deleted
    alarm_email="",
    password_sign_in=True,
)
_PAUSE_SECONDS = 0.05

Outputs = dict[str, str]


@dataclass(frozen=True)
class LaptopStage:
    """The stage `laptop` in one emulator; each part may be repeated."""

    aws: Aws
    stacks: Stacks

    def stand_up(self) -> Outputs:
        """Make or update all that the application stands on; return what all of it says."""
        return deploy_layers(self.stacks, LAPTOP, TARGET)

    def deploy_application(self, template_url: str, outputs: Outputs) -> str:
        """Make or update the packaged application; return its API's id."""
        given = {
            "Stage": STAGE,
            "Target": TARGET,
            "UserPoolArn": outputs["UserPoolArn"],
            "EntriesStreamArn": outputs["EntriesStreamArn"],
        }
        return self.stacks.deploy(f"livro-caixa-{STAGE}", template_url, given)["RestAPIId"]

    def watch_and_close(self, outputs: Outputs, api: str) -> None:
        """Make or update alarms, dashboard and the night; the emulator retains by a call alone."""
        known = {**outputs, "RestApiId": api, "Target": TARGET}
        watched = deploy_observability(self.stacks, self.aws, LAPTOP, known)
        deploy_state_machine(self.stacks, self.aws, LAPTOP, {**known, **watched})
        retention = {"Mode": LAPTOP.seal_retention_mode, "Days": LAPTOP.seal_retention_days}
        self.aws.client("s3").put_object_lock_configuration(
            Bucket=outputs["SealBucket"],
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": retention},
            },
        )


def laptop_stage(emulator: Emulator) -> LaptopStage:
    """Return the stage in that emulator."""
    aws = Aws(session(), REGION, ACCOUNT, "aws", emulator.endpoint)
    stacks = Stacks(
        aws.client("cloudformation"), _say_nothing, lambda _: time.sleep(_PAUSE_SECONDS)
    )
    return LaptopStage(aws, stacks)


def _say_nothing(_news: str) -> None:
    # One line a step is enough on the laptop; a stack that fails raises with its reasons.
    pass
