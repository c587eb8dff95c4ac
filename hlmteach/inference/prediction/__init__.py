"""Predictions with their intervals, and an interaction taken apart into simple slopes."""
