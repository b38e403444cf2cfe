"""Orchestration: the subset of the Camunda 8.9 Orchestration Cluster REST API (`/v2`) that Parvis serves, one resource
per module, so that existing workers and SDKs run unchanged. docs/reference/orchestration-api.md lists every route.
"""
