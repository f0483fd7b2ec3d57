"""Rules for what an endpoint is: who it is towards Azure, and who may call it."""

from collections.abc import Iterator

from rollout.case import Case
from settings import names
from settings.existing import UNREAD
from settings.refusal import Refusal
from settings.stack import Stack


def identity_stays(case: Case) -> Iterator[Refusal]:
    """R061 The identity of an endpoint does not change: Azure would have to replace the endpoint.

    Source: T12.
    Example:
        endpoint:
          identity: {type: userAssigned, ids: [/subscriptions/s/resourceGroups/g/providers/x/userAssignedIdentities/i]}
        observed: {identity: systemAssigned}
    """
    old, new = case.observed.identity if case.observed else None, case.wanted.identity.type
    cure = "Put it back; for another identity make a new endpoint and move its callers."
    if old is not None and old.lower() != new.lower():
        yield Refusal(
            "R061", case.at("identity"), f"{old} -> {new}", f"{old}: a change would replace the endpoint", cure
        )
    elif case.observed and case.observed.identities is not None and new == "userAssigned":
        before = sorted({_last(identity) for identity in case.observed.identities})
        after = sorted({_last(identity) for identity in _identities(case)})
        if before != after:
            got = f"{', '.join(before) or 'none'} -> {', '.join(after) or 'none'}"
            yield Refusal("R061", case.at("identity"), got, f"{', '.join(before) or 'none'}, as it was made", cure)


def auth_stays(case: Case) -> Iterator[Refusal]:
    """R062 The auth mode of an endpoint does not change: Azure ignores the change without an error.

    Source: recorded behaviour, PUT of an endpoint.
    Example:
        endpoint: {auth: aml_token}
        observed: {auth: key}
    """
    old, new = case.observed.auth if case.observed else None, case.wanted.auth
    if old is not None and _word(old) != _word(new):
        cure = "Put it back; for another auth mode make a new endpoint and move its callers."
        yield Refusal("R062", case.at("auth"), f"{old} -> {new}", f"{old}: Azure would keep it and say nothing", cure)


def entra_on_managed_only(case: Case) -> Iterator[Refusal]:
    """R063 Only managed endpoints take Entra tokens.

    Source: limits, auth modes.
    Example:
        endpoint: {kind: kubernetes, compute: aks-inference, auth: aad_token}
    """
    if case.wanted.kind == "kubernetes" and case.wanted.auth == "aad_token":
        yield Refusal("R063", case.at("auth"), "aad_token", "key or aml_token on Kubernetes", "Write auth: aml_token.")


def identity_is_whole(case: Case) -> Iterator[Refusal]:
    """R064 A user-assigned identity is named, as one of `identities` or by its id; a system-assigned one is not.

    Source: limits, identity.
    Example:
        endpoint: {identity: {type: userAssigned}}
    """
    identity = case.wanted.identity
    named = (*identity.names, *identity.ids)
    if identity.type == "userAssigned" and not named:
        cure = "Add names (of this file's identities) or ids (of others, with their roles); or type: systemAssigned."
        yield Refusal("R064", case.at("identity"), "userAssigned without a name or id", "at least one", cure)
    if identity.type == "systemAssigned" and named:
        cure = "Remove names and ids, or write type: userAssigned."
        yield Refusal("R064", case.at("identity"), f"systemAssigned with {', '.join(named)}", "none", cure)
    for name in identity.names:
        if name not in case.stack.identities:
            cure = f"Add identities: {{{name}: {{}}}} to the stack file, or name the identity by its id."
            yield Refusal("R064", case.at("identity", "names"), name, "one of the stack file's identities", cure)


def stands_where_it_stands(case: Case) -> Iterator[Refusal]:
    """R065 The kind, the compute and the region of an endpoint do not change: it would be replaced, or Azure refuses.

    Source: limits, AKS; that no update moves an endpoint is open, so it is refused.
    Example:
        endpoint:
          kind: kubernetes
          compute: aks-inference
          deployments: {blue: {instanceType: cpu-small}}
          traffic: {blue: 100}
        observed: {kind: managed, traffic: {blue: 100}, deployments: {blue: {instanceType: cpu-small}}}
    """
    seen = case.observed
    if seen is None:
        return
    pairs = (
        (case.at("kind"), seen.kind, case.wanted.kind),
        (case.at("compute"), seen.compute, case.wanted.compute),
        ("location", seen.location, None if case.stack.location == UNREAD else case.stack.location),
    )
    for path, old, new in pairs:
        if old is not None and new is not None and _plain(old) != _plain(new):
            cure = "Put it back; make a new endpoint there and move its callers."
            yield Refusal("R065", path, f"{old} -> {new}", f"{old}, as endpoint {case.name} was made", cure)


def _identities(case: Case) -> list[str]:
    """Resource ids, or names where the stack itself makes the identity."""
    wanted = case.wanted.identity
    return [*(_named(case.stack, name) for name in wanted.names), *wanted.ids]


def _named(stack: Stack, name: str) -> str:
    """An identity's name in Azure: that of one that others own, or the one that the stack gives it."""
    known = stack.identities.get(name)
    theirs = known.existing.name if known and known.existing else None
    return theirs or (name if known and known.existing else names.identity(name, stack.workspace))


def _last(identity: str) -> str:
    return identity.rstrip("/").rsplit("/", 1)[-1].lower()


def _plain(word: str) -> str:
    # West Europe and westeurope are one; Azure writes K8S for kubernetes.
    plain = word.lower().replace(" ", "")
    return "kubernetes" if plain == "k8s" else plain


def _word(auth: str) -> str:
    # Azure writes AMLToken, the stack file aml_token.
    return auth.lower().replace("_", "")


RULES = (identity_stays, auth_stays, entra_on_managed_only, identity_is_whole, stands_where_it_stands)
