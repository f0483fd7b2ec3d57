"""What Azure refuses or ignores where the stock plugin sends the change as an update."""

from itertools import permutations

from localazure.create_only.fixed import Effect, Fixed

_TERRAFORM = "terraform-provider-azurerm, {}: changing this forces a new resource"
_POOL = _TERRAFORM.format("kubernetes_cluster_node_pool")
_CLUSTER = _TERRAFORM.format("kubernetes_cluster")
_WORKSPACE = _TERRAFORM.format("machine_learning_workspace")
_COMPUTE = _TERRAFORM.format("machine_learning_compute_cluster")
_RECORDED = "recorded exchanges with the service"
_MODULE = "azure-native:machinelearningservices"
_REPLICATED = "Azure Storage, change how a storage account is replicated; terraform-provider-azurerm#6526"


def _rows(effect: Effect, source: str, *paths: str) -> dict[str, Fixed]:
    return {path: Fixed(effect, source) for path in paths}


def _among(*groups: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Every change within a group, in lower case."""
    return tuple((old.lower(), new.lower()) for group in groups for old, new in permutations(group, 2))


_POOL_ROWS = _rows(
    "refuses",
    _POOL,
    "availabilityZones",
    "enableEncryptionAtHost",
    "enableNodePublicIP",
    "maxPods",
    "osDiskSizeGB",
    "osDiskType",
    "osType",
    "podSubnetID",
    "scaleSetEvictionPolicy",
    "scaleSetPriority",
    "spotMaxPrice",
    "type",
    "vnetSubnetID",
)
_IN_THE_CLUSTER = {
    f"agentPoolProfiles[*].{path}": row
    for path, row in {**_POOL_ROWS, "vmSize": Fixed("refuses", f"{_POOL}; Azure/AKS, PropertyChangeNotAllowed")}.items()
}

AZURE: dict[str, dict[str, Fixed]] = {
    "azure-native:authorization:RoleAssignment": _rows(
        "refuses", _TERRAFORM.format("role_assignment"), "principalType", "roleDefinitionId"
    ),
    "azure-native:containerregistry:Registry": _rows(
        "refuses", _TERRAFORM.format("container_registry"), "zoneRedundancy"
    ),
    "azure-native:containerservice:AgentPool": _POOL_ROWS,
    "azure-native:containerservice:ManagedCluster": {
        **_rows(
            "refuses",
            _CLUSTER,
            "apiServerAccessProfile.enablePrivateCluster",
            "apiServerAccessProfile.privateDNSZone",
            "enableRBAC",
            "networkProfile.loadBalancerSku",
        ),
        "oidcIssuerProfile.enabled": Fixed(
            "refuses",
            "AKS, OpenID Connect issuer: once enabled it can't be disabled",
            (("", "true"), ("false", "true")),
        ),
        **_IN_THE_CLUSTER,
    },
    "azure-native:keyvault:Vault": {
        "properties.enablePurgeProtection": Fixed(
            "refuses", "Azure Key Vault, soft delete: it can't be disabled", (("", "true"), ("false", "true"))
        ),
        "properties.enableSoftDelete": Fixed(
            "refuses", "Azure Key Vault, soft delete: it can't be disabled", (("", "true"), ("false", "true"))
        ),
        "properties.softDeleteRetentionInDays": Fixed(
            "refuses", "Azure Key Vault, soft delete: the retention can't be changed after a vault is made"
        ),
    },
    "azure-native:kubernetesconfiguration:Extension": _rows(
        "refuses", _TERRAFORM.format("kubernetes_cluster_extension"), "extensionType", "releaseTrain", "scope"
    ),
    f"{_MODULE}:Compute": {
        **_rows("refuses", "ARM: InvalidResourceLocation; azure-ai-ml has no mark of it", "location"),
        **_rows("refuses", _COMPUTE, "properties.computeType", "properties.disableLocalAuth", "properties.resourceId"),
        **_rows(
            "refuses",
            _COMPUTE,
            "properties.properties.enableNodePublicIp",
            "properties.properties.isolatedNetwork",
            "properties.properties.osType",
            "properties.properties.remoteLoginPortPublicAccess",
            "properties.properties.subnet",
            "properties.properties.vmPriority",
            "properties.properties.vmSize",
        ),
    },
    f"{_MODULE}:ManagedNetworkSettingsRule": _rows(
        "refuses", _TERRAFORM.format("machine_learning_workspace_network_outbound_rule_*"), "properties.type"
    ),
    f"{_MODULE}:OnlineDeployment": _rows(
        "refuses", "azure-ai-ml: two classes, and no way between them", "properties.endpointComputeType"
    ),
    f"{_MODULE}:OnlineEndpoint": {
        **_rows("ignores", _RECORDED, "properties.authMode"),
        **_rows("refuses", "Azure ML, identity of an endpoint can't be changed after it is made", "identity"),
        **_rows("refuses", "azure-ai-ml: the compute of an endpoint is said at its creation", "properties.compute"),
    },
    f"{_MODULE}:Workspace": {
        **_rows("refuses", "ARM: InvalidResourceLocation; azure-ai-ml has no mark of it", "location"),
        **_rows("refuses", _WORKSPACE, "encryption", "hbiWorkspace", "keyVault", "storageAccount"),
        "managedNetwork.isolationMode": Fixed(
            "refuses",
            "MicrosoftDocs/azure-ai-docs, how-to-managed-network.md: never back to disabled, nor from only approved "
            "outbound to internet outbound",
            (
                ("", "allowinternetoutbound"),
                ("", "allowonlyapprovedoutbound"),
                ("disabled", "allowinternetoutbound"),
                ("disabled", "allowonlyapprovedoutbound"),
                ("allowinternetoutbound", "allowonlyapprovedoutbound"),
            ),
        ),
    },
    "azure-native:privatedns:VirtualNetworkLink": _rows(
        "refuses", _TERRAFORM.format("private_dns_zone_virtual_network_link"), "virtualNetwork"
    ),
    "azure-native:storage:StorageAccount": {
        **_rows(
            "refuses",
            _TERRAFORM.format("storage_account"),
            "dnsEndpointType",
            "encryption.requireInfrastructureEncryption",
        ),
        "kind": Fixed("refuses", _TERRAFORM.format("storage_account"), (("storage", "storagev2"),)),
        "sku.name": Fixed(
            "refuses",
            _REPLICATED,
            _among(
                ("Standard_LRS", "Standard_GRS", "Standard_RAGRS"),
                ("Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS"),
            ),
        ),
    },
}
