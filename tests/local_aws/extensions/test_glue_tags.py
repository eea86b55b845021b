"""Tags of Glue's schema registries."""

from __future__ import annotations

from tests.local_aws.extensions.conftest import Client


def test_a_schema_registry_keeps_its_tags(client: Client) -> None:
    glue = client("glue")
    arn = glue.create_registry(RegistryName="messages", Tags={"owner": "me"})["RegistryArn"]
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"owner": "me"}
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"team": "data"})
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"owner": "me", "team": "data"}
