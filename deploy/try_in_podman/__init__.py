"""The rendered manifests, run for real on one machine that has podman: `python -m deploy.try_in_podman`."""
