"""LF-tags of tables and columns."""

from __future__ import annotations

from tests.local_aws.extensions.conftest import Client

TABLE = {"DatabaseName": "lake_gold", "Name": "dim_customer"}


def test_each_column_has_its_own_tags_with_one_value_per_key(client: Client) -> None:
    lake = client("lakeformation")
    for key, values in {"pii": ["none", "email"], "layer": ["gold"]}.items():
        lake.create_lf_tag(TagKey=key, TagValues=values)
    columns = {"TableWithColumns": {**TABLE, "ColumnNames": ["a", "b"]}}
    assert lake.get_resource_lf_tags(Resource={"Table": TABLE})["LFTagsOnTable"] == []
    lake.add_lf_tags_to_resource(Resource=columns, LFTags=[{"TagKey": "pii", "TagValues": ["none"]}])
    lake.add_lf_tags_to_resource(Resource=columns, LFTags=[{"TagKey": "layer", "TagValues": ["gold"]}])
    lake.add_lf_tags_to_resource(
        Resource={"TableWithColumns": {**TABLE, "ColumnNames": ["b"]}},
        LFTags=[{"TagKey": "pii", "TagValues": ["email"]}],
    )

    def shown() -> dict[str, dict[str, list[str]]]:
        answer = lake.get_resource_lf_tags(Resource=columns).get("LFTagsOnColumns", [])
        return {c["Name"]: {t["TagKey"]: t["TagValues"] for t in c["LFTags"]} for c in answer}

    assert shown() == {"a": {"pii": ["none"], "layer": ["gold"]}, "b": {"pii": ["email"], "layer": ["gold"]}}
    assert (
        lake.remove_lf_tags_from_resource(
            Resource=columns, LFTags=[{"TagKey": "pii", "TagValues": ["none"]}]
        )["Failures"]
        == []
    )
    assert shown() == {"a": {"layer": ["gold"]}, "b": {"layer": ["gold"]}}
    (failure,) = lake.add_lf_tags_to_resource(
        Resource=columns, LFTags=[{"TagKey": "pii", "TagValues": ["other"]}]
    )["Failures"]
    assert failure["Error"]["ErrorCode"] == "EntityNotFoundException"
    lake.delete_lf_tag(TagKey="layer")
    assert shown() == {}
    lake.delete_lf_tag(TagKey="pii")
