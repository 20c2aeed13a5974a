"""Evaluation, comparison with claims and baselines, ablation, search for settings."""
