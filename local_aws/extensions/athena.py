"""Athena workgroups: the tags of one without tags, and updates."""

from __future__ import annotations

from typing import Any

from moto.athena.models import AthenaBackend, athena_backends

from local_aws.extensions.calls import ApiError, Call, target


def _backend(call: Call) -> AthenaBackend:
    return athena_backends[call.account][call.region]


@target("athena", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    """Answer for a resource without tags, too, for which moto raises an error."""
    arn = call.params["ResourceARN"]
    if arn not in {resource.arn for resource in _backend(call).iter_tagged_resources()}:
        raise ApiError("ResourceNotFoundException", f"Resource {arn} was not found")
    tags = _backend(call).tagger.get_tag_dict_for_resource(arn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@target("athena", "UpdateWorkGroup")
def update(call: Call) -> dict[str, Any]:
    name = call.params["WorkGroup"]
    if (group := _backend(call).work_groups.get(name)) is None:
        raise ApiError("InvalidRequestException", f"WorkGroup {name} is not found.")
    changes = dict(call.params.get("ConfigurationUpdates") or {})
    results = {
        **group.configuration.get("ResultConfiguration", {}),
        **changes.pop("ResultConfigurationUpdates", {}),
    }
    for gone in ("OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration"):
        if results.pop(f"Remove{gone}", False):
            results.pop(gone, None)
    if changes.pop("RemoveBytesScannedCutoffPerQuery", False):
        group.configuration.pop("BytesScannedCutoffPerQuery", None)
    group.configuration.update(changes, ResultConfiguration=results)
    group.description = call.params.get("Description", group.description)
    group.state = call.params.get("State", group.state)
    return {}
