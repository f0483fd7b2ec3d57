"""Federated identity credentials: whose tokens an identity takes. No token is exchanged here."""

from typing import Annotated

from pydantic import Field

from localazure.arm.bodies import Body, Child, Text
from localazure.arm.context import Azure
from localazure.arm.errors import bad_request, conflict
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.store import Record

TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
MOST = 20


class Properties(Body):
    """Issuer and subject of the tokens, and who they are for."""

    issuer: Text
    subject: Text
    audiences: Annotated[list[Text], Field(min_length=1, max_length=1)]


class CredentialBody(Child):
    """PUT of a federated identity credential."""

    properties: Properties


def build(azure: Azure, credential: ResourceId, body: CredentialBody, before: Record | None) -> Made:
    """The document; issuer and subject together are those of one credential, and an identity has 20 at most."""
    sent = body.properties
    if not sent.issuer.startswith("https://"):
        raise bad_request("BadRequest", f"The issuer of '{credential.name}' must be an https URL, got '{sent.issuer}'.")
    if not sent.subject:
        raise bad_request("BadRequest", f"The subject of '{credential.name}' must not be empty.")
    others = [other for other in azure.store.children(credential.parent, TYPE) if other.key != credential.key]
    for other in others:
        if (other.properties["issuer"], other.properties["subject"]) == (sent.issuer, sent.subject):
            raise conflict("Conflict", f"Issuer and subject of '{credential.name}' are those of '{other.name}'.")
    if before is None and len(others) >= MOST:
        raise bad_request("BadRequest", f"An identity has at most {MOST} federated identity credentials.")
    return Made(sent.sent())
