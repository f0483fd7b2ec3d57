"""Where deployments really run: environments, scoring processes, the gateway and the blob store."""
