"""`watchbill`: declarations, lake and routes from a terminal. Arguments in, text or JSON and an exit code out."""


def main() -> None:
    from watchbill.cli.app import app

    app(prog_name="watchbill")
