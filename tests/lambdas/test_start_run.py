"""The function that starts runs takes a job, a date and declared parameters, and knows who asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cli.run.start import signed_identity
from infra.facts import Facts
from infra.parts.alerting import job_catalog
from lakehouse.environments import names
from lambdas.common.job_catalog import JobCatalog, parse_job_catalog
from lambdas.start_run.handler import handler
from lambdas.start_run.refused import RefusedError
from lambdas.start_run.request import StartRequest
from tests.lambdas.lambda_events import Context
from tests.lambdas.platform_world import ACCOUNT, World

INGEST, TRANSFORM, DAY = "ingest_loan_applications", "silver_to_gold", "2017-01-31"
MOTO = f"arn:aws:sts::{ACCOUNT}:user/moto"
WINDOW = "2017-01-01..2017-01-31@jan-2017"


def ask(world: World, job: str = INGEST, **changes: Any) -> dict[str, str]:
    """The function's answer to a request, of which `changes` replace parts."""
    identity = signed_identity(world.env, world.variables["FUNCTION_NAME"])
    request = {"job": job, "run_date": DAY, "identity": identity, **changes}
    answer: dict[str, str] = handler({k: v for k, v in request.items() if v is not None}, Context())
    return answer


@pytest.fixture(scope="module")
def catalog(prod_facts: Facts) -> JobCatalog:
    """The job catalog of prod."""
    return parse_job_catalog(json.dumps(job_catalog.document(prod_facts)))


def arguments_of_runs(world: World, job: str) -> list[dict[str, str]]:
    runs = world.client("glue").get_job_runs(JobName=names.glue_job(world.env, job))["JobRuns"]
    return [run["Arguments"] for run in runs]


def test_a_run_gets_its_date_parameters_and_arguments_and_says_who_asked(world: World) -> None:
    world.make_job(INGEST)
    answer = ask(world, params={"start_date": "{{ today() - 7 }}"}, arguments={"backfill": WINDOW})
    assert answer["requested_by"] == MOTO
    (arguments,) = arguments_of_runs(world, INGEST)
    assert arguments == {
        "--run-date": DAY,
        "--params": json.dumps({"start_date": "{{ today() - 7 }}"}),
        "--backfill": WINDOW,
        "--requested-by": MOTO,
    }


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"job": "none"}, "job: this environment has no job of that name"),
        ({"job": None}, "job: Field required"),
        ({"run_date": "31.01.2017"}, "run_date: wanted a date as 2017-01-31"),
        ({"run_date": "2017-02-30"}, "run_date: wanted a date as 2017-01-31"),
        ({"run_date": str(datetime.now(UTC).date() + timedelta(days=2))}, "run_date: it is after today"),
        ({"run_date": 20170131}, "run_date: Input should be a valid string"),
        ({"scriptLocation": "s3://mine/x.py"}, "scriptLocation: Extra inputs are not permitted"),
        ({"arguments": {"scriptLocation": "s3://mine/x.py"}}, "arguments: 'scriptLocation' is none"),
        ({"arguments": {"extra-py-files": "s3://mine/x.zip"}}, "arguments: 'extra-py-files' is none"),
        ({"arguments": {"bundle": "s3://mine/x.zip"}}, "arguments: 'bundle' is none"),
        ({"arguments": {"full-refresh": "true"}}, "arguments: 'full-refresh' is none"),
        ({"arguments": {"backfill": f"{WINDOW} --conf x"}}, "arguments.backfill: wanted a value like"),
        ({"arguments": {"replay": "bronze.orders/../../x"}}, "arguments.replay: wanted a value like"),
        ({"params": {"conf": "spark.x=y"}}, "params: 'conf' is none that the job takes"),
        ({"params": {"writes": "gold.fact_sales"}}, "params: 'writes' is none that the job takes"),
        ({"params": {"sensitive_api_key": "x"}}, "params: 'sensitive_api_key' is none that the job takes"),
        ({"params": {"start_date": "2017-01-01; x"}}, "params.start_date: wanted a value like"),
        ({"params": {"start_date": 7}}, "params.start_date: Input should be a valid string"),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)
def test_whatever_the_facts_do_not_declare_is_refused(
    catalog: JobCatalog, changes: dict[str, Any], fault: str
) -> None:
    request = {"job": INGEST, "run_date": DAY, "identity": {}, **changes}
    with pytest.raises(RefusedError) as refusal:
        StartRequest.parse({k: v for k, v in request.items() if v is not None}).glue_arguments(catalog)
    assert fault in str(refusal.value)
    assert "mine" not in str(refusal.value)
    assert refusal.value.code == "RUN640"


def test_refused_request_starts_no_run(world: World) -> None:
    world.make_job(INGEST)
    answer = ask(world, params={"sensitive_api_key": "x"})
    assert answer["code"] == "RUN640"
    assert arguments_of_runs(world, INGEST) == []


def test_tables_are_made_anew_by_a_transform_alone(world: World) -> None:
    world.make_job(TRANSFORM)
    assert "run_id" in ask(world, TRANSFORM, arguments={"full-refresh": "true"})
    assert "refused" in ask(world, TRANSFORM, arguments={"backfill": WINDOW})


def test_who_is_not_proven_starts_no_run(world: World) -> None:
    world.make_job(INGEST)
    mine = signed_identity(world.env, world.variables["FUNCTION_NAME"])
    of_another = signed_identity(world.env, "another-function")
    renamed = {**of_another, "X-Lakehouse-Function": world.variables["FUNCTION_NAME"]}
    unbound = {**mine, "Authorization": mine["Authorization"].replace(";x-lakehouse-function", "")}
    for identity in (of_another, unbound, {}, {**mine, "Host": "sts.example.com"}):
        answer = ask(world, identity=identity)
        assert answer["code"] == "RUN641", identity
    # Only STS can know that the header of this one was changed after it was signed.
    assert not verifies(renamed, "http://127.0.0.1/")
    assert arguments_of_runs(world, INGEST) == []


def test_caller_of_another_account_starts_no_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.make_job(INGEST)
    monkeypatch.setenv("ACCOUNT", "999999999999")
    assert "belongs to another account" in ask(world)["refused"]


def test_refusal_of_glue_is_passed_on_in_its_words(world: World) -> None:
    answer = ask(world)
    assert answer["code"] == "RUN522"
    assert answer["refused"].startswith("EntityNotFoundException: ")


def verifies(headers: dict[str, str], url: str, body: bytes = b"") -> bool:
    """Whether AWS's own algorithm makes the same signature of what was sent."""
    from lambdas.start_run.caller import BODY

    signed = headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    lower = {name.lower(): value for name, value in headers.items()}
    request = AWSRequest("POST", url, data=body or BODY, headers={n: lower[n] for n in signed if n in lower})
    request.context["timestamp"] = lower["x-amz-date"]
    auth = SigV4Auth(Credentials("testing", "testing"), "sts", "eu-central-1")
    text = auth.string_to_sign(request, auth.canonical_request(request))
    return headers["Authorization"].endswith(f"Signature={auth.signature(text, request)}")


class _Sts(BaseHTTPRequestHandler):
    """Notes a request, and answers as STS does."""

    received: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append((dict(self.headers), body))
        answer = (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            f"<GetCallerIdentityResult><Arn>{MOTO}</Arn><Account>{ACCOUNT}</Account>"
            "</GetCallerIdentityResult></GetCallerIdentityResponse>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def sts() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Sts)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_sts_gets_what_the_caller_has_signed(
    world: World, sts: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lambdas.start_run.caller import caller_arn
    from lambdas.start_run.settings import StartSettings

    url = f"http://127.0.0.1:{sts.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    env = world.env.model_copy(update={"aws": world.env.aws.model_copy(update={"endpoint": url})})
    settings = StartSettings("prod", ACCOUNT, env.region, "", "", "", "start")
    assert caller_arn(settings, signed_identity(env, "start")) == MOTO
    ((headers, body),) = _Sts.received
    assert verifies(headers, f"{url}/", body)
