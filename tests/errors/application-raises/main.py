import os

app = os.environ["SECRET_KEY"]
