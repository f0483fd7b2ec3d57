"""`python -m localazure`: the command."""

from localazure.cli.app import main

if __name__ == "__main__":
    main()
