"""Runs an AWS Chalice app on one machine: API Gateway (WebSocket and REST), SQS FIFO and schedules in one process."""
