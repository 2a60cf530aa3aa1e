"""Procore at wire level: it knows Procore's addresses, shapes and errors, and no table or workflow.

`client.ProcoreClient` makes the API calls, `oauth.ProcoreOAuth` the login calls, `token_source` joins the two;
`errors` opens with what can go wrong and what the caller does about it; each noun has its module of types.
"""
