"""A remote's URL and a token in; pull requests at GitHub, GitHub Enterprise Server or GitLab out.

Knows nothing of findings or fixes. The forges' clients are an extra (`pr`) and imported when one is asked.
"""
