"""`hlmteach`, and `python -m hlmteach` for a machine that does not find the command.

The doctor answers here whatever is missing: nothing but Python itself is imported before.
"""

import sys


def main(argv=None):
    """Run the command line; where a package is missing, the doctor alone."""
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        from hlmteach.cli import main as run
    except ImportError as error:
        if words[:1] == ["doctor"]:
            from hlmteach.course.doctor import report

            return report()
        print(f"hlmteach: {error}. `hlmteach doctor` says how to mend it.", file=sys.stderr)
        return 2
    return run(words)


if __name__ == "__main__":
    sys.exit(main())
