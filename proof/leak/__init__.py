"""The founding leak, run for real: Socket.IO 0.9.13 over HTTPS, as released, mended, and with small slabs."""
