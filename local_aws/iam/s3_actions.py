"""The actions of S3's requests, which method, path and query name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote
from xml.etree import ElementTree

from moto.core.models import DEFAULT_ACCOUNT_ID

from local_aws.extensions.calls import Call
from local_aws.iam.owned import Account

_HOSTED = re.compile(r"(.+?)\.s3[.-][\w.-]*amazonaws\.com(:\d+)?")
# Part of the query → what actions on it are called: Get…, Put… and Delete….
_OF_BUCKET = {
    "acl": "BucketAcl",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
}
_OF_OBJECT = {
    "acl": "ObjectAcl",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
}
# Names the account, in requests to S3 Control.
_CONTROL = "x-amz-account-id"
_OF_ACCOUNT = (
    ("POST", re.compile("/v20180820/jobs"), "CreateJob"),
    ("GET", re.compile("/v20180820/jobs"), "ListJobs"),
    ("GET", re.compile("/v20180820/jobs/[^/]+"), "DescribeJob"),
    ("POST", re.compile("/v20180820/jobs/[^/]+/status"), "UpdateJobStatus"),
    ("GET", re.compile("/v20180820/configuration/publicAccessBlock"), "GetAccountPublicAccessBlock"),
    ("PUT", re.compile("/v20180820/configuration/publicAccessBlock"), "PutAccountPublicAccessBlock"),
)
_LISTS = {"versions": "ListBucketVersions", "uploads": "ListBucketMultipartUploads"}
_VERBS = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "DELETE": "Delete"}

Values = tuple[str, str, Mapping[str, tuple[str, ...]]]


def bucket_and_key(call: Call) -> tuple[str, str]:
    """Of a request by path, or by the host name of a bucket."""
    hosted = _HOSTED.fullmatch(call.headers.get("host", ""))
    path = f"/{hosted[1]}{call.path}" if hosted else call.path
    bucket, _, key = path[1:].partition("/")
    return bucket, unquote(key)


def of(call: Call) -> Iterator[Values]:
    """Action, resource and condition keys of a request."""
    bucket, key = bucket_and_key(call)
    query = call.query_values
    if _CONTROL in call.headers:
        yield from _of_account(call)
    elif not bucket:
        yield "s3:ListAllMyBuckets", "*", {}
    elif not key:
        yield from _on_bucket(call, bucket, query)
    else:
        yield from _on_object(call, f"arn:aws:s3:::{bucket}/{key}", query)


def _of_account(call: Call) -> Iterator[Values]:
    """Of a request to S3 Control. A role that it names is passed to S3."""
    for method, pattern, action in _OF_ACCOUNT:
        if method == call.method and pattern.fullmatch(call.path):
            yield f"s3:{action}", "*", {}
            if action == "CreateJob":
                role = ElementTree.fromstring(call.body).findtext("{*}RoleArn") or ""
                yield "iam:PassRole", role, {"iam:passedtoservice": ("batchoperations.s3.amazonaws.com",)}


def deleted_keys(call: Call) -> list[str]:
    """The keys that a deletion of many names."""
    root = ElementTree.fromstring(call.body)
    return [item.findtext("{*}Key") or "" for item in root.iterfind("{*}Object")]


def is_deletion_of_many(call: Call) -> bool:
    return call.service == "s3" and call.method == "POST" and "delete" in call.query_values


def _on_bucket(call: Call, bucket: str, query: dict[str, list[str]]) -> Iterator[Values]:
    arn = f"arn:aws:s3:::{bucket}"
    named = next((name for part, name in _OF_BUCKET.items() if part in query), None)
    if "delete" in query:
        for key in deleted_keys(call):
            yield "s3:DeleteObject", f"{arn}/{key}", {}
    elif named:
        yield f"s3:{_VERBS.get(call.method, 'Put')}{named}", arn, {}
    elif call.method in ("GET", "HEAD"):
        listing = next((name for part, name in _LISTS.items() if part in query), "ListBucket")
        keys = ("prefix", "delimiter", "max-keys")
        context = {f"s3:{key}": (query[key][0],) for key in keys if key in query}
        yield f"s3:{listing}", arn, context
    else:
        yield f"s3:{'CreateBucket' if call.method == 'PUT' else 'DeleteBucket'}", arn, {}


def _on_object(call: Call, arn: str, query: dict[str, list[str]]) -> Iterator[Values]:
    named = next((name for part, name in _OF_OBJECT.items() if part in query), None)
    version = "Version" if "versionId" in query else ""
    context = {
        f"s3:{name}": (call.headers[name],)
        for name in ("x-amz-acl", "x-amz-server-side-encryption", "x-amz-storage-class")
        if name in call.headers
    }
    if version:
        context["s3:versionid"] = (query["versionId"][0],)
    if named:
        name = named.replace("Object", "ObjectVersion") if version and named in _VERSIONED else named
        yield f"s3:{_VERBS[call.method]}{name}", arn, context
    elif "uploadId" in query and call.method in ("GET", "DELETE"):
        action = "ListMultipartUploadParts" if call.method == "GET" else "AbortMultipartUpload"
        yield f"s3:{action}", arn, context
    elif call.method in ("GET", "HEAD", "DELETE"):
        yield f"s3:{_VERBS[call.method]}Object{version}", arn, context
        if call.method != "DELETE" and not _exists(arn):
            # Who may not list learns that an object is forbidden, not that it is missing.
            yield "s3:ListBucket", arn.partition("/")[0], {}
    else:
        yield "s3:PutObject", arn, context
        if source := call.headers.get("x-amz-copy-source"):
            path, _, source_version = unquote(source).lstrip("/").partition("?versionId=")
            action = "GetObjectVersion" if source_version else "GetObject"
            yield f"s3:{action}", f"arn:aws:s3:::{path}", {}


_VERSIONED = ("ObjectAcl", "ObjectTagging")


def _exists(arn: str) -> bool:
    bucket, _, key = arn.removeprefix("arn:aws:s3:::").partition("/")
    stored = Account(DEFAULT_ACCOUNT_ID, "").buckets().get(bucket)
    return stored is None or key in stored.keys
