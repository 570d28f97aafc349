"""include/datadog_names.yaml: what Datadog calls metrics that the rule for names misses, said once for all.

    names:
      AWS/Bedrock:
        InvocationLatency: aws.bedrock.invocation_latency
        Invocations: {Sum: aws.bedrock.invocations.count}
"""

import re
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from watchbill.model.declared import Declared

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,199}")


class OwnNames(Declared):
    """By namespace and metric: the name, to which statistics are added as the rule has it, or whole by statistic."""

    names: dict[str, dict[str, str | dict[str, str]]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _are_names(self) -> Self:
        for namespace, metrics in self.names.items():
            for metric, said in metrics.items():
                for name in (said,) if isinstance(said, str) else said.values():
                    if not _NAME.fullmatch(name):
                        told = f"{name!r} is no name of Datadog's: write letters, digits, _ and ."
                        raise PydanticCustomError("name", "{told}", {"told": told,
                                                                     "inner": ("names", namespace, metric)})
        return self
