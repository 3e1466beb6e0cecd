"""Remotes, tokens, and pull requests at GitHub and GitLab."""
