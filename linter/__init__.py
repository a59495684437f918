"""nodemend: finds risky patterns in the JavaScript you depend on, and answers with the diff that mends them."""

__version__ = "0.1.0"
