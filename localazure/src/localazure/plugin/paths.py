"""Where each resource type stands in ARM: the one table of paths (source: the Azure REST API reference).

The SDK's classes do not name them. A relative path is below
`.../resourceGroups/{resourceGroupName}/providers/<namespace>/`; one that starts with a slash is whole. Every
`{parameter}` but `subscriptionId` is an input of the SDK's class, which is checked when the schema is generated; the
last one is the resource's own name.
"""

NAMESPACES = {
    "applicationinsights": "Microsoft.Insights",
    "authorization": "Microsoft.Authorization",
    "containerregistry": "Microsoft.ContainerRegistry",
    "containerservice": "Microsoft.ContainerService",
    "keyvault": "Microsoft.KeyVault",
    "kubernetesconfiguration": "Microsoft.KubernetesConfiguration",
    "machinelearningservices": "Microsoft.MachineLearningServices",
    "managedidentity": "Microsoft.ManagedIdentity",
    "monitor": "Microsoft.Insights",
    "network": "Microsoft.Network",
    "operationalinsights": "Microsoft.OperationalInsights",
    "privatedns": "Microsoft.Network",
    "resources": "Microsoft.Resources",
    "storage": "Microsoft.Storage",
}

_ML = "workspaces/{workspaceName}"
_MLR = "registries/{registryName}"
_ENDPOINT = _ML + "/onlineEndpoints/{endpointName}"
_BATCH = _ML + "/batchEndpoints/{endpointName}"
_ACCOUNT = "storageAccounts/{accountName}"
_ACR = "registries/{registryName}"
_IDENTITY = "userAssignedIdentities/{resourceName}"
_LINKED = "/{resourceUri}/providers/Microsoft.Insights"
_SCOPE = "/{scope}/providers/Microsoft.Authorization"
_VAULT = "vaults/{vaultName}"
_NSG = "networkSecurityGroups/{networkSecurityGroupName}"
_VNET = "virtualNetworks/{virtualNetworkName}"
_ENDPOINT_LINK = "privateEndpoints/{privateEndpointName}"
_AKS = "managedClusters/{resourceName}"
_FLUX = (
    "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/{clusterRp}/{clusterResourceName}"
    "/{clusterName}/providers/Microsoft.KubernetesConfiguration"
)

TYPES = {
    "applicationinsights:Component": "components/{resourceName}",
    "applicationinsights:WebTest": "webtests/{webTestName}",
    "applicationinsights:Workbook": "workbooks/{resourceName}",
    "authorization:RoleAssignment": _SCOPE + "/roleAssignments/{roleAssignmentName}",
    "authorization:RoleDefinition": _SCOPE + "/roleDefinitions/{roleDefinitionId}",
    "authorization:PolicyAssignment": _SCOPE + "/policyAssignments/{policyAssignmentName}",
    "authorization:ManagementLockByScope": _SCOPE + "/locks/{lockName}",
    "containerregistry:Registry": _ACR,
    "containerregistry:Replication": _ACR + "/replications/{replicationName}",
    "containerregistry:ScopeMap": _ACR + "/scopeMaps/{scopeMapName}",
    "containerregistry:Token": _ACR + "/tokens/{tokenName}",
    "containerregistry:Webhook": _ACR + "/webhooks/{webhookName}",
    "containerregistry:CacheRule": _ACR + "/cacheRules/{cacheRuleName}",
    "containerservice:ManagedCluster": _AKS,
    "containerservice:AgentPool": _AKS + "/agentPools/{agentPoolName}",
    "containerservice:MaintenanceConfiguration": _AKS + "/maintenanceConfigurations/{configName}",
    "containerservice:TrustedAccessRoleBinding": _AKS + "/trustedAccessRoleBindings/{trustedAccessRoleBindingName}",
    "keyvault:Vault": _VAULT,
    "keyvault:Secret": _VAULT + "/secrets/{secretName}",
    "keyvault:Key": _VAULT + "/keys/{keyName}",
    "keyvault:PrivateEndpointConnection": _VAULT + "/privateEndpointConnections/{privateEndpointConnectionName}",
    "kubernetesconfiguration:Extension": _FLUX + "/extensions/{extensionName}",
    "kubernetesconfiguration:FluxConfiguration": _FLUX + "/fluxConfigurations/{fluxConfigurationName}",
    "machinelearningservices:Workspace": _ML,
    "machinelearningservices:WorkspaceConnection": _ML + "/connections/{connectionName}",
    "machinelearningservices:OutboundRule": _ML + "/managedNetworks/{managedNetworkName}/outboundRules/{ruleName}",
    "machinelearningservices:ManagedNetworkSettingsRule": _ML + "/outboundRules/{ruleName}",
    "machinelearningservices:PrivateEndpointConnection": _ML
    + "/privateEndpointConnections/{privateEndpointConnectionName}",
    "machinelearningservices:Compute": _ML + "/computes/{computeName}",
    "machinelearningservices:Datastore": _ML + "/datastores/{name}",
    "machinelearningservices:OnlineEndpoint": _ENDPOINT,
    "machinelearningservices:OnlineDeployment": _ENDPOINT + "/deployments/{deploymentName}",
    "machinelearningservices:BatchEndpoint": _BATCH,
    "machinelearningservices:BatchDeployment": _BATCH + "/deployments/{deploymentName}",
    "machinelearningservices:ServerlessEndpoint": _ML + "/serverlessEndpoints/{name}",
    "machinelearningservices:MarketplaceSubscription": _ML + "/marketplaceSubscriptions/{name}",
    "machinelearningservices:Job": _ML + "/jobs/{id}",
    "machinelearningservices:Schedule": _ML + "/schedules/{name}",
    "machinelearningservices:CodeContainer": _ML + "/codes/{name}",
    "machinelearningservices:CodeVersion": _ML + "/codes/{name}/versions/{version}",
    "machinelearningservices:ComponentContainer": _ML + "/components/{name}",
    "machinelearningservices:ComponentVersion": _ML + "/components/{name}/versions/{version}",
    "machinelearningservices:DataContainer": _ML + "/data/{name}",
    "machinelearningservices:DataVersion": _ML + "/data/{name}/versions/{version}",
    "machinelearningservices:EnvironmentContainer": _ML + "/environments/{name}",
    "machinelearningservices:EnvironmentVersion": _ML + "/environments/{name}/versions/{version}",
    "machinelearningservices:ModelContainer": _ML + "/models/{name}",
    "machinelearningservices:ModelVersion": _ML + "/models/{name}/versions/{version}",
    "machinelearningservices:Registry": _MLR,
    "machinelearningservices:RegistryCodeContainer": _MLR + "/codes/{codeName}",
    "machinelearningservices:RegistryCodeVersion": _MLR + "/codes/{codeName}/versions/{version}",
    "machinelearningservices:RegistryEnvironmentContainer": _MLR + "/environments/{environmentName}",
    "machinelearningservices:RegistryEnvironmentVersion": _MLR + "/environments/{environmentName}/versions/{version}",
    "machinelearningservices:RegistryModelContainer": _MLR + "/models/{modelName}",
    "machinelearningservices:RegistryModelVersion": _MLR + "/models/{modelName}/versions/{version}",
    "managedidentity:UserAssignedIdentity": _IDENTITY,
    "managedidentity:FederatedIdentityCredential": _IDENTITY + "/federatedIdentityCredentials"
    "/{federatedIdentityCredentialResourceName}",
    "monitor:ActionGroup": "actionGroups/{actionGroupName}",
    "monitor:ActivityLogAlert": "activityLogAlerts/{activityLogAlertName}",
    "monitor:AutoscaleSetting": "autoscalesettings/{autoscaleSettingName}",
    "monitor:DataCollectionEndpoint": "dataCollectionEndpoints/{dataCollectionEndpointName}",
    "monitor:DataCollectionRule": "dataCollectionRules/{dataCollectionRuleName}",
    "monitor:DataCollectionRuleAssociation": _LINKED + "/dataCollectionRuleAssociations/{associationName}",
    "monitor:DiagnosticSetting": _LINKED + "/diagnosticSettings/{name}",
    "monitor:MetricAlert": "metricAlerts/{ruleName}",
    "monitor:PrivateLinkScope": "privateLinkScopes/{scopeName}",
    "monitor:PrivateLinkScopedResource": "privateLinkScopes/{scopeName}/scopedResources/{name}",
    "monitor:ScheduledQueryRule": "scheduledQueryRules/{ruleName}",
    "network:ApplicationSecurityGroup": "applicationSecurityGroups/{applicationSecurityGroupName}",
    "network:FirewallPolicy": "firewallPolicies/{firewallPolicyName}",
    "network:FirewallPolicyRuleCollectionGroup": "firewallPolicies/{firewallPolicyName}/ruleCollectionGroups"
    "/{ruleCollectionGroupName}",
    "network:NatGateway": "natGateways/{natGatewayName}",
    "network:NetworkSecurityGroup": _NSG,
    "network:PrivateDnsZoneGroup": _ENDPOINT_LINK + "/privateDnsZoneGroups/{privateDnsZoneGroupName}",
    "network:PrivateEndpoint": _ENDPOINT_LINK,
    "network:PublicIPAddress": "publicIPAddresses/{publicIpAddressName}",
    "network:Route": "routeTables/{routeTableName}/routes/{routeName}",
    "network:RouteTable": "routeTables/{routeTableName}",
    "network:SecurityRule": _NSG + "/securityRules/{securityRuleName}",
    "network:Subnet": _VNET + "/subnets/{subnetName}",
    "network:VirtualNetwork": _VNET,
    "network:VirtualNetworkPeering": _VNET + "/virtualNetworkPeerings/{virtualNetworkPeeringName}",
    "operationalinsights:SavedSearch": "workspaces/{workspaceName}/savedSearches/{savedSearchId}",
    "operationalinsights:Table": "workspaces/{workspaceName}/tables/{tableName}",
    "operationalinsights:Workspace": "workspaces/{workspaceName}",
    "privatedns:PrivateZone": "privateDnsZones/{privateZoneName}",
    "privatedns:PrivateRecordSet": "privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}",
    "privatedns:VirtualNetworkLink": "privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}",
    "resources:ResourceGroup": "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}",
    "resources:TagAtScope": "/{scope}/providers/Microsoft.Resources/tags/default",
    "storage:BlobContainer": _ACCOUNT + "/blobServices/default/containers/{containerName}",
    "storage:BlobServiceProperties": _ACCOUNT + "/blobServices/{blobServicesName}",
    "storage:FileShare": _ACCOUNT + "/fileServices/default/shares/{shareName}",
    "storage:ManagementPolicy": _ACCOUNT + "/managementPolicies/{managementPolicyName}",
    "storage:PrivateEndpointConnection": _ACCOUNT + "/privateEndpointConnections/{privateEndpointConnectionName}",
    "storage:Queue": _ACCOUNT + "/queueServices/default/queues/{queueName}",
    "storage:StorageAccount": _ACCOUNT,
    "storage:Table": _ACCOUNT + "/tableServices/default/tables/{tableName}",
}

# Functions that POST an action below a type's path (a get<Type> function is a GET of the type's own path).
ACTIONS = {
    "containerregistry:listRegistryCredentials": ("containerregistry:Registry", "listCredentials"),
    "containerservice:listManagedClusterAdminCredentials": (
        "containerservice:ManagedCluster",
        "listClusterAdminCredential",
    ),
    "containerservice:listManagedClusterUserCredentials": (
        "containerservice:ManagedCluster",
        "listClusterUserCredential",
    ),
    "machinelearningservices:getOnlineDeploymentLogs": ("machinelearningservices:OnlineDeployment", "getLogs"),
    "machinelearningservices:getOnlineEndpointToken": ("machinelearningservices:OnlineEndpoint", "token"),
    "machinelearningservices:listBatchEndpointKeys": ("machinelearningservices:BatchEndpoint", "listkeys"),
    "machinelearningservices:listComputeKeys": ("machinelearningservices:Compute", "listKeys"),
    "machinelearningservices:listDatastoreSecrets": ("machinelearningservices:Datastore", "listSecrets"),
    "machinelearningservices:listOnlineEndpointKeys": ("machinelearningservices:OnlineEndpoint", "listKeys"),
    "machinelearningservices:listServerlessEndpointKeys": ("machinelearningservices:ServerlessEndpoint", "listKeys"),
    "machinelearningservices:listWorkspaceConnectionSecrets": (
        "machinelearningservices:WorkspaceConnection",
        "listsecrets",
    ),
    "machinelearningservices:listWorkspaceKeys": ("machinelearningservices:Workspace", "listKeys"),
    "machinelearningservices:listWorkspaceNotebookAccessToken": (
        "machinelearningservices:Workspace",
        "listNotebookAccessToken",
    ),
    "machinelearningservices:listWorkspaceNotebookKeys": ("machinelearningservices:Workspace", "listNotebookKeys"),
    "machinelearningservices:listWorkspaceStorageAccountKeys": (
        "machinelearningservices:Workspace",
        "listStorageAccountKeys",
    ),
    "operationalinsights:getSharedKeys": ("operationalinsights:Workspace", "sharedKeys"),
    "storage:listStorageAccountKeys": ("storage:StorageAccount", "listKeys"),
    "storage:listStorageAccountSAS": ("storage:StorageAccount", "ListAccountSas"),
    "storage:listStorageAccountServiceSAS": ("storage:StorageAccount", "ListServiceSas"),
}


def path_template(token: str) -> str:
    """The whole ARM path of the type `module:Name`, with `{parameter}` for each part that an input gives."""
    path = TYPES[token]
    if path.startswith("/"):
        return path
    namespace = NAMESPACES[token.partition(":")[0]]
    return f"/subscriptions/{{subscriptionId}}/resourceGroups/{{resourceGroupName}}/providers/{namespace}/{path}"
