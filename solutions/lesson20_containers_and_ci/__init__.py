"""Ship it: an image, a stack of programs and servers, and a workflow that tests, builds and deploys.

There is no code here for later lessons to import. The rules that these files follow are in ``taller.shipping``.
"""
