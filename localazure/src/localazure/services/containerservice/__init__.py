"""Microsoft.ContainerService: managed clusters, their node pools and maintenance windows. State only: no node runs."""
