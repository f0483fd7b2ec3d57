"""What the stock azure-native plugin replaces.

Two sources: the list that it keeps by hand, and the marks of Azure's API descriptions (`x-ms-mutability` without
`update`), which it obeys since its version 3 also one type below a resource (its issue 3006), but not inside a union
of types (the properties of a deployment, a compute, an outbound rule). The marks were read in the `visibility` of the
Python clients that are generated from the same descriptions.
"""

from localazure.create_only.fixed import Fixed

_BY_HAND = "pulumi-azure-native, provider/pkg/gen/replacement.go"
_NETWORK = f"{_BY_HAND} (its pull request 4771; earlier versions replaced for any change of networkProfile)"
_ML = "azure-ai-ml, _restclient/arm_ml_service (API 2025-12-01): visibility read, create"

LOCATION = Fixed("replaces", "x-ms-mutability of ARM's TrackedResource; replacement.go where the description has none")
"""Of every type that the table does not name otherwise."""


def _rows(source: str, *paths: str) -> dict[str, Fixed]:
    return {path: Fixed("replaces", source) for path in paths}


_ENVIRONMENT = _rows(
    _ML,
    *(f"properties.{name}" for name in ("autoRebuild", "build", "condaFile", "image", "inferenceConfig", "osType")),
    "properties.isAnonymous",
)
_DATA = _rows(_ML, "properties.dataType", "properties.dataUri", "properties.isAnonymous")
_MODULE = "azure-native:machinelearningservices"

PLUGIN: dict[str, dict[str, Fixed]] = {
    "azure-native:authorization:RoleAssignment": _rows(_BY_HAND, "principalId", "scope"),
    "azure-native:containerservice:AgentPool": _rows(
        _BY_HAND, "gpuInstanceProfile", "networkProfile.nodePublicIPTags", "vmSize"
    ),
    "azure-native:containerservice:ManagedCluster": {
        **_rows(
            _BY_HAND,
            "diskEncryptionSetID",
            "dnsPrefix",
            "fqdnSubdomain",
            "linuxProfile",
            "location",
            "nodeResourceGroup",
            "windowsProfile",
        ),
        **_rows(
            _NETWORK,
            "networkProfile.dnsServiceIP",
            "networkProfile.networkMode",
            "networkProfile.networkPlugin",
            "networkProfile.networkPolicy",
            "networkProfile.outboundType",
            "networkProfile.podCidr",
            "networkProfile.serviceCidr",
            "networkProfile.serviceCidrs",
        ),
        "networkProfile.networkDataplane": Fixed("replaces", _NETWORK, (("azure", "cilium"),)),
        "networkProfile.networkPluginMode": Fixed("replaces", _NETWORK, (("", "overlay"),)),
    },
    f"{_MODULE}:CodeVersion": _rows(_ML, "properties.isAnonymous"),
    f"{_MODULE}:ComponentVersion": _rows(_ML, "properties.componentSpec", "properties.isAnonymous"),
    f"{_MODULE}:DataContainer": _rows(_ML, "properties.dataType"),
    f"{_MODULE}:EnvironmentVersion": _ENVIRONMENT,
    f"{_MODULE}:ModelVersion": _rows(_ML, "properties.isAnonymous"),
    f"{_MODULE}:OnlineEndpoint": _rows(_ML, "location", "properties.keys"),
    f"{_MODULE}:OnlineDeployment": _rows(_ML, "location"),
    f"{_MODULE}:RegistryEnvironmentVersion": _ENVIRONMENT,
    f"{_MODULE}:RegistryModelVersion": _rows(_ML, "properties.isAnonymous"),
    f"{_MODULE}:Schedule": _rows(_ML, "properties.displayName"),
    "azure-native:network:PrivateEndpoint": _rows(f"{_BY_HAND} (its issue 3883)", "subnet"),
    "azure-native:network:PublicIPAddress": _rows(
        _BY_HAND, "location", "publicIPAddressVersion", "publicIPPrefix", "sku"
    ),
    "azure-native:network:VirtualNetwork": _rows(_BY_HAND, "location"),
    "azure-native:resources:ResourceGroup": _rows(_BY_HAND, "location"),
    "azure-native:storage:FileShare": _rows(
        "azure-mgmt-storage, FileShareProperties: visibility read, create", "enabledProtocols"
    ),
    "azure-native:storage:StorageAccount": _rows(_BY_HAND, "isHnsEnabled", "location"),
}
