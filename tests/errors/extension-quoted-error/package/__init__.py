missing = []
for name in ["_core"]:
    try:
        __import__(f"package.{name}")
    except ImportError as error:
        missing.append(f"{name}: {error}")
if missing:
    raise ImportError("package cannot load its native parts:\n" + "\n".join(missing))
