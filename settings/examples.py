"""What to write: an example for a key, and what a pattern means in words."""

from settings.attachment import COMPUTE_PATTERN as ATTACHED_PATTERN
from settings.attachment import NAMESPACE_PATTERN, OBJECT_NAME_PATTERN, QUANTITY_PATTERN
from settings.autoscale import TIME_PATTERN, ZONE_PATTERN
from settings.cluster import (
    CLUSTER_PATTERN,
    LABEL_PATTERN,
    LABEL_VALUE_PATTERN,
    OFFSET_PATTERN,
    POOL_PATTERN,
    TAINT_PATTERN,
    VERSION_PATTERN,
)
from settings.gates import QUANTILES, SHARES, URL_PATTERN
from settings.images import ENVIRONMENT_PATTERN, IMAGE_PATTERN
from settings.network import SUBNET_PATTERN
from settings.stack import ADOPT_PATTERN
from settings.training import COMPUTE_PATTERN
from settings.types import (
    ASSET_PATTERN,
    GROUP_PATTERN,
    HOST_PATTERN,
    OBJECT_ID_PATTERN,
    REGION_PATTERN,
    SIZE_PATTERN,
    TAG_PATTERN,
    VARIABLE_PATTERN,
)
from settings.watching import ADDRESS_PATTERN, WEBHOOK_PATTERN
from settings.workspace import (
    IDENTITY_PATTERN,
    PORTS_PATTERN,
    REGISTRY_PATTERN,
    RESOURCE_PATTERN,
    RULE_PATTERN,
    WORKSPACE_PATTERN,
)

PROJECT_NAME = "safe-rollout"
"""The project where no Pulumi.yaml says another one; its name is the namespace of its keys."""

EXAMPLES = {
    "location": "azure-native:location: westeurope",
    "workspace": "{project}:workspace: {name: ws-fraud-dev, resourceGroup: rg-fraud-dev}",
    "registry": "{project}:registry: {name: acrfrauddev, sku: standard}",
    "endpoints": "{project}:endpoints: {diabetes: {deployments: {...}, traffic: {blue: 90, green: 10}}}",
    "overwrite": "overwrite: {traffic: {blue: 50, green: 50}}",
    "adopt": "{project}:adopt: [endpoints.diabetes]",
    "traffic": "traffic: {blue: 90, green: 10}",
    "mirror": "mirror: {green: 10}",
    "model": "model: azureml:diabetes-ridge:1",
    "environment": "environment: azureml:scoring:3",
    "code": "code: azureml:scoring-code:9f2c41",
    "instanceType": "instanceType: Standard_DS3_v2",
    "resourceGroup": "resourceGroup: rg-fraud-dev",
    "instanceCount": "instanceCount: 3",
    "autoscale": "autoscale: {min: 3, max: 9}",
    "gates": "gates: {errors: {below: 1, againstOld: 1.5}, p99: {below: 300}, requests: 300}",
    **dict.fromkeys(SHARES, "errors: {below: 1, againstOld: 1.5}"),
    **dict.fromkeys(QUANTILES, "p99: {below: 300, againstOld: 1.5}"),
    "smoke": "smoke: [{file: scoring/samples/one-patient.json, answer: [152.1], tolerance: 0.1}]",
    "pause": "{mirror: 10, pause: 15m}",
    "validFor": "validFor: 30m",
    "steps": "steps: [{mirror: 10}, {traffic: 10}, {traffic: 50}, {traffic: 100}]",
    "isolation": "isolation: managedVnet",
    "network": "network: {addressSpace: [10.20.0.0/16], subnets: {endpoints: 10.20.0.0/24}, endpointSubnet: endpoints}",
    "addressSpace": "addressSpace: [10.20.0.0/16]",
    "subnets": "subnets: {endpoints: 10.20.0.0/24}",
    "outboundRules": "outboundRules: {pypi: {type: fqdn, host: pypi.org}}",
    "inferenceCluster": "{project}:inferenceCluster: {name: aks-inference, purpose: devTest}",
    "inferenceCluster.network": "network: overlay",
    "inferenceCluster.purpose": "purpose: fastProd",
    "identities.purpose": "purpose: endpoint",
    "cpu": "cpu: 500m",
    "memory": "memory: 2Gi",
    "start": "start: '20:00'",
    "end": "end: '06:00'",
    "utcOffset": "utcOffset: '+01:00'",
    "systemPool": "systemPool: {size: Standard_D4s_v5, min: 3}",
    "userPools": "userPools: {models: {size: Standard_D8s_v5, min: 3, max: 12}}",
    "instanceTypes": "instanceTypes: {small: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 500m, memory: 2Gi}}}",
    "horizontalPodAutoscaler": "autoscale: {min: 3, max: 9}, under the deployment: the router scales the replicas",
    "training": "{project}:training: {cpu: {size: Standard_DS3_v2, maxNodes: 4}}",
    "images": "{project}:images: {scoring-image: {image: acrfrauddev.azurecr.io/scoring@sha256:...}}",
    "identities": "{project}:identities: {scoring: {purpose: endpoint}}",
    "actionGroup": "actionGroup: {shortName: oncall, emails: {oncall: oncall@example.org}}",
    "emails": "emails: {oncall: oncall@example.org}",
    "schedules": "schedules: {night: {start: '20:00', end: '06:00', min: 1, max: 2}}",
    "load": "load: {requestsPerSecond: 20, secondsPerRequest: 0.1}",
}
# What a pattern means, in words, by the pattern's own text.
PATTERNS = {
    ASSET_PATTERN: "azureml:NAME:VERSION, or azureml://registries/REGISTRY/TYPE/NAME/versions/VERSION",
    REGION_PATTERN: "a region in lower case without spaces",
    GROUP_PATTERN: "1 to 90 letters, digits, dots, dashes, underscores and parentheses, with no dot at the end",
    WORKSPACE_PATTERN: "3 to 33 letters, digits, dashes and underscores, a letter or digit first",
    COMPUTE_PATTERN: "3 to 32 letters, digits and dashes, a letter first",
    IDENTITY_PATTERN: "1 to 24 lower-case letters, digits and dashes",
    HOST_PATTERN: "a host's name, such as pypi.org or *.example.org, with no https:// and no path",
    SIZE_PATTERN: "a size of Azure's machines, such as Standard_D8s_v5",
    TAG_PATTERN: "1 to 128 characters, none of < > % & \\ ? /",
    OBJECT_NAME_PATTERN: "a name of Kubernetes: lower-case letters, digits and dashes",
    ENVIRONMENT_PATTERN: "letters, digits, dashes and underscores, a letter or digit first",
    RESOURCE_PATTERN: "the id of a resource: /subscriptions/...",
    PORTS_PATTERN: "ports such as 443 or 80,8080-8090",
    TAINT_PATTERN: "a taint such as sku=gpu:NoSchedule",
    LABEL_PATTERN: "a label of Kubernetes, such as team or example.org/team",
    LABEL_VALUE_PATTERN: "the value of a label: 63 letters, digits, dots, dashes and underscores at most",
    VERSION_PATTERN: "a version of Kubernetes, such as 1.33 or 1.33.5",
    OBJECT_ID_PATTERN: "an object id of Microsoft Entra, such as 33333333-3333-3333-3333-333333333333",
    IMAGE_PATTERN: "REGISTRY/REPOSITORY@sha256: and 64 hexadecimal digits",
    POOL_PATTERN: "1 to 12 lower-case letters and digits, a letter first",
    QUANTITY_PATTERN: "a quantity as Kubernetes writes it, such as 500m, 2 or 1.5Gi",
    ZONE_PATTERN: "a time zone as Windows calls it, such as W. Europe Standard Time or UTC, and not Europe/Berlin",
    TIME_PATTERN: "a time of day such as 06:30",
    VARIABLE_PATTERN: "the name of a variable: not empty, with no = in it",
    ADOPT_PATTERN: "resourceGroup, storage, keyVault, logAnalytics, applicationInsights, registry, workspace, "
    "inferenceCluster, endpoints.NAME or endpoints.NAME.DEPLOYMENT",
    REGISTRY_PATTERN: "5 to 50 letters and digits",
    ATTACHED_PATTERN: "2 to 16 letters, digits and dashes, a letter first",
    NAMESPACE_PATTERN: "1 to 63 lower-case letters, digits and dashes",
    CLUSTER_PATTERN: "1 to 63 letters, digits, dashes and underscores, a letter or digit first and last",
    OFFSET_PATTERN: "an offset from UTC such as +01:00",
    SUBNET_PATTERN: "1 to 80 letters, digits, dots, dashes and underscores, a letter or digit first",
    ADDRESS_PATTERN: "an e-mail address",
    URL_PATTERN: "an address that begins with https:// or http://",
    WEBHOOK_PATTERN: "an address that begins with https://",
    RULE_PATTERN: "3 to 33 letters, digits, dashes and underscores, a letter or digit first",
}
