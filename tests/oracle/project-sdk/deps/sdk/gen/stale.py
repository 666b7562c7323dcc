raise ImportError("what the package ships is covered by what is generated")
