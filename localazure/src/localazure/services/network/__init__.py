"""Microsoft.Network: virtual networks, security groups, route tables, private endpoints, firewall policies."""
