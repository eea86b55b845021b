"""What moto's interpreter of state machines lacks: JSONata, the end of a Glue run, the machine's own role."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk as sdk_task,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_glue as glue_task,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local_aws.step_functions import jsonata_engine

# Seconds between two looks at a run: at the embedded Glue they are free, and runs are short.
LOOK_SECONDS = 0.5
# (region, service, ARN of the role) → a client of boto3.
ClientOf = Callable[[str, str, str], Any]
_start = StepFunctionsParserBackend.start_execution


def _until_ended(
    state: Any, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
) -> None:
    """Looks at the run until it has ended. moto's own method ends each task of `.sync` with an error."""
    ended = state._build_sync_resolver(env, resource_runtime_part, normalised_parameters, state_credentials)
    while env.is_running():
        if (result := ended()) is not None:
            env.stack.append(result)
            return
        time.sleep(LOOK_SECONDS)


def _named(backend: Any, state_machine_arn: str, name: str | None = None, *given: Any, **more: Any) -> Any:
    """Starts an execution. One without a name has an id for it: to moto all of these have one name."""
    return _start(backend, state_machine_arn, name or str(uuid.uuid4()), *given, **more)


def install(client_of: ClientOf | None = None) -> None:
    """Let moto execute what the stack deploys. Tasks call AWS by `client_of`, else by moto's own client."""
    jsonata_engine.install()
    backend: Any = StepFunctionsParserBackend
    backend.start_execution = _named
    glue: Any = glue_task.StateTaskServiceGlue
    glue._eval_integration_pattern = _until_ended
    if client_of is not None:

        def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
            return client_of(region, service, state_credentials.role_arn)

        for module in (glue_task, sdk_task):
            module.boto_client_for = client_for  # type: ignore[attr-defined]
