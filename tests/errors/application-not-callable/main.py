app = "hello"
