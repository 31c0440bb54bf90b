"""Run the command line as `python -m earned`."""

from earned.cli.main import main

if __name__ == "__main__":
    main()
