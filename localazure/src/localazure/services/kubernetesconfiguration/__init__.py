"""Microsoft.KubernetesConfiguration: extensions of managed clusters. State only: nothing is installed."""
