"""The one table of what does not follow the rule in `body`: each row with its reason (source: Azure's REST API)."""

# The keys of an ARM resource that stand beside `properties`; all other inputs stand in it.
ENVELOPE = {
    "extendedLocation",
    "identity",
    "kind",
    "location",
    "managedBy",
    "plan",
    "scale",
    "sku",
    "tags",
    "zones",
}

# type: keys of the envelope that this type keeps inside `properties`.
IN_PROPERTIES = {
    "authorization:RoleDefinition": {"roleType"},  # `type` there, which on top is the resource's own
    "containerservice:AgentPool": {"type", "tags"},  # the pool's own, which its nodes get
    "monitor:PrivateLinkScopedResource": {"kind"},  # the kind of the linked resource
    "network:FirewallPolicy": {"sku"},  # Microsoft.Network's child of a policy, not the common SKU
    "operationalinsights:Table": {"plan"},  # the table's tier
    "operationalinsights:Workspace": {"sku"},  # older than the common envelope
}

# type: further keys that this type has beside `properties`.
ON_TOP = {
    # Microsoft.Network's children are sub-resources of their parents' bodies: id and name are written by the caller.
    "network:FirewallPolicyRuleCollectionGroup": {"id", "name"},
    "network:PrivateDnsZoneGroup": {"id", "name"},
    "network:Route": {"id", "name", "type"},
    "network:SecurityRule": {"id", "name", "type"},
    "network:Subnet": {"id", "name", "type"},
    "network:VirtualNetworkPeering": {"id", "name", "type"},
    "network:ApplicationSecurityGroup": {"id"},
    "network:FirewallPolicy": {"id"},
    "network:NatGateway": {"id"},
    "network:NetworkSecurityGroup": {"id"},
    "network:PrivateEndpoint": {"id"},
    "network:PublicIPAddress": {"id"},
    "network:RouteTable": {"id"},
    "network:VirtualNetwork": {"id"},
}

# nested class (without Args or Response): its keys on top, all others stand in a `properties` of its own.
NESTED = {
    # Sub-resources written inside their parent's body have the form of a resource.
    "network:Delegation": {"id", "name", "type"},
    "network:PrivateDnsZoneConfig": {"name"},
    "network:PrivateEndpointIPConfiguration": {"name"},
    "network:PrivateLinkServiceConnection": {"id", "name"},
    "network:Route": {"id", "name", "type"},
    "network:SecurityRule": {"id", "name", "type"},
    "network:Subnet": {"id", "name", "type"},
    "network:VirtualNetworkPeering": {"id", "name", "type"},
}

# Application Insights' own spelling: most of its properties begin with a capital, newer ones do not.
_CAPITALISED = (
    "appId",
    "applicationId",
    "connectionString",
    "creationDate",
    "disableIpMasking",
    "disableLocalAuth",
    "forceCustomerStorageForProfiler",
    "hockeyAppId",
    "hockeyAppToken",
    "immediatePurgeDataOn30Days",
    "ingestionMode",
    "instrumentationKey",
    "laMigrationDate",
    "privateLinkScopedResources",
    "retentionInDays",
    "samplingPercentage",
    "tenantId",
    "workspaceResourceId",
)

# type or nested class: SDK name -> ARM name, where the API description gives clients another name.
RENAMED = {
    "authorization:RoleDefinition": {"roleType": "type"},
    "monitor:MetricAlertMultipleResourceMultipleMetricCriteria": {"odataType": "odata.type"},
    "monitor:MetricAlertSingleResourceMultipleMetricCriteria": {"odataType": "odata.type"},
    "monitor:WebtestLocationAvailabilityCriteria": {"odataType": "odata.type"},
    "applicationinsights:Component": {
        "applicationType": "Application_Type",
        "flowType": "Flow_Type",
        "requestSource": "Request_Source",
        **{name: name[0].upper() + name[1:] for name in _CAPITALISED},
    },
    "storage:StorageAccount": {"enableHttpsTrafficOnly": "supportsHttpsTrafficOnly", "networkRuleSet": "networkAcls"},
    "storage:Encryption": {"keyVaultProperties": "keyvaultproperties"},
    "storage:EncryptionIdentity": {
        "encryptionUserAssignedIdentity": "userAssignedIdentity",
        "encryptionFederatedIdentityClientId": "federatedIdentityClientId",
    },
    "storage:KeyVaultProperties": {"keyName": "keyname", "keyVersion": "keyversion", "keyVaultUri": "keyvaulturi"},
    "storage:IPRule": {"iPAddressOrRange": "value"},
    "storage:VirtualNetworkRule": {"virtualNetworkResourceId": "id"},
}

# inputs that the SDK takes as a list of ids and ARM as an object with these ids as keys (answered with contents).
KEYS = {"userAssignedIdentities"}

# Own names that must be a GUID when they are made up.
GUID_NAMES = {"authorization:RoleAssignment", "authorization:RoleDefinition"}

# function: arguments that stand in the query.
QUERY_ARGUMENTS = {"storage:listStorageAccountKeys": {"expand": "$expand"}}

# Functions that POST and whose answers hold no keys or tokens.
OPEN_ANSWERS = {"machinelearningservices:getOnlineDeploymentLogs"}
