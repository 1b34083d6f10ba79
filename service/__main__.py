"""`python -m service COMMAND`: everything that an operator or a developer starts."""

from service.command_line import run

if __name__ == "__main__":
    run()
