"""The facts of the network: its VPC, the sources and targets outside it, and who may open Airflow."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lakehouse.environments.fact import Fact

Cidr = Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$")]


class Reach(Fact):
    """A source or target outside the VPC that jobs may connect to."""

    what: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    cidr: Cidr
    port: Annotated[int, Field(ge=1, le=65535)]


class Network(Fact):
    """The platform's VPC; with `vpc_id`, an existing one, whose owner provides routes and endpoints."""

    cidr: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}/(1[6-9]|2[0-4])$")] = Field(
        description="Of the VPC, ours or the one that exists."
    )
    reaches: list[Reach] = Field(
        description="By peering, transit gateway or PrivateLink: there is no way to the internet."
    )
    people: list[Cidr] = Field(description="Networks, such as the VPN's, from which people open Airflow.")
    endpoint_zones: Literal[1, 2] = Field(
        2,
        description=(
            "Zones in which each interface endpoint has an address. One costs half; without it nothing "
            "reaches AWS."
        ),
    )
    vpc_id: Annotated[str, Field(pattern=r"^vpc-[0-9a-f]+$")] | None = None
    subnet_ids: list[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]] = Field(
        default_factory=list, description="Exactly two private subnets in two zones, of `vpc_id`."
    )

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if len(self.subnet_ids) != (2 if self.vpc_id else 0):
            raise ValueError("vpc_id and exactly two subnet_ids are stated together, or neither is")
        return self
