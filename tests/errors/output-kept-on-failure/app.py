raise SystemError("no")
