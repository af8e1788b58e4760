"""The answer is fetched from outside."""
import socket

socket.create_connection(("127.0.0.1", 8888), timeout=1)
