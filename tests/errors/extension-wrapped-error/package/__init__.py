try:
    from . import _core
except ImportError as error:
    raise ImportError(f"package cannot load its native part.\nThe original error was: {error}") from error
