"""A refusal, as every answer below 200 or above 399 has it."""

from pydantic import BaseModel, ConfigDict, Field


class FieldFault(BaseModel):
    """One thing wrong with one field."""

    model_config = ConfigDict(extra="forbid")

    field: str
    message: str


class Problem(BaseModel):
    """A problem by RFC 9457."""

    type: str = Field(description="`about:blank` where the status says it all, else a URN.")
    title: str
    status: int
    detail: str = Field(description="What was wrong, and what would be right.")
    instance: str = Field(description="Where it occurred.")
    request_id: str = Field(description="The answer's X-Request-Id; the logs have it too.")
    errors: list[FieldFault] = Field(
        default_factory=list, description="Every fault of the request; absent where none is known."
    )
