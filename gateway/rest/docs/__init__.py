"""The page that shows the OpenAPI document and lets a reader try it: three files that reach no other host.

Ours, because a packaged renderer of OpenAPI 3.1 is 1.5 MB of minified script, for a dozen operations.
"""
