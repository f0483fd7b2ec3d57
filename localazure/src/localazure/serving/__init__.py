"""The data plane of the local Azure: scoring processes behind one gateway, and blob storage.

| module | what it does |
|---|---|
| contract | what the ARM side asks for, and gets back |
| local | the contract's one implementation: deployments as processes and routes |
| conda, environments | what a conda file asks for; virtual environments built from it, one per content |
| processes, gunicorn_conf | scoring processes: started, probed, started again, stopped |
| probes | liveness and readiness, asked again and again |
| children, tether | child processes that end with the local Azure, even when it is killed |
| gateway, envoy | changes of clusters and routes, in force when the call returns; Envoy itself |
| xds, routes, filters | the documents Envoy is told by: listener, clusters, routes, tokens and limits (pure) |
| statistics | what the gateway counts of its answers, written and read (pure) |
| azurite, sas | blob storage, and signatures for it (pure) |
| loopback | the one interface on which anything listens |

Order of a change, so that no request is lost: new processes are ready, their cluster is there, routes lead to it, the
old cluster drains, it is removed, the old processes stop.
"""
