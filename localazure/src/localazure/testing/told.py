"""What a running local Azure tells of itself."""

TOLD = {
    "pid": 4711,
    "arm": "https://127.0.0.1:8443",
    "gateway": "http://127.0.0.1:8480",
    "blob": "https://127.0.0.1:8490",
    "control": "http://127.0.0.1:8470",
    "ca": "/state/ca/ca.pem",
    "caBundle": "/state/ca/bundle.pem",
    "subscriptionId": "11111111-1111-1111-1111-111111111111",
    "tenantId": "adfs",
    "clientId": "22222222-2222-2222-2222-222222222222",
    "clientSecret": "it's $ecret",
    "identityEndpoint": "http://127.0.0.1:8470/msi/token",
    "identityHeader": "hidden",
    "controlToken": "hidden too",
}
